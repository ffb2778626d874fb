"""A report on a fitted estimator, as one page that needs no network; from plain data, which is gathered elsewhere."""

from pellucid.report.figures import check_matplotlib
from pellucid.report.report import Report

__all__ = ["Report", "check_matplotlib"]
