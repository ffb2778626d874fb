# The public names for type checkers and editors; at run time __init__.py imports each on use.

from pellucid.catalogue.activations import (
    Activation as Activation,
    Elu as Elu,
    Exp as Exp,
    Gelu as Gelu,
    Identity as Identity,
    LeakyRelu as LeakyRelu,
    Mish as Mish,
    OwnActivation as OwnActivation,
    Relu as Relu,
    Selu as Selu,
    Sigmoid as Sigmoid,
    Silu as Silu,
    Softmax as Softmax,
    Softplus as Softplus,
    Tanh as Tanh,
    Threshold as Threshold,
)
from pellucid.catalogue.initializers import (
    Given as Given,
    Glorot as Glorot,
    He as He,
    LeCun as LeCun,
    Normal as Normal,
    Uniform as Uniform,
)
from pellucid.catalogue.losses import (
    AbsoluteError as AbsoluteError,
    BinaryCrossEntropy as BinaryCrossEntropy,
    CrossEntropy as CrossEntropy,
    Huber as Huber,
    Loss as Loss,
    Poisson as Poisson,
    Quantile as Quantile,
    SquaredError as SquaredError,
)
from pellucid.catalogue.optimizers import (
    SGD as SGD,
    Adam as Adam,
    AdamW as AdamW,
    ClipNorm as ClipNorm,
    ClipValue as ClipValue,
    DecayWeights as DecayWeights,
    Momentum as Momentum,
    Optimizer as Optimizer,
    RMSprop as RMSprop,
    ScaleByAdam as ScaleByAdam,
    ScaleByLearningRate as ScaleByLearningRate,
    ScaleByRms as ScaleByRms,
)
from pellucid.catalogue.records import register as register
from pellucid.catalogue.schedules import (
    Adaptive as Adaptive,
    Constant as Constant,
    Cosine as Cosine,
    Exponential as Exponential,
    InverseScaling as InverseScaling,
    StepDecay as StepDecay,
    WarmUp as WarmUp,
)
from pellucid.data import penguins_path as penguins_path
from pellucid.errors import (
    DivergedError as DivergedError,
    InputError as InputError,
    ModelFileError as ModelFileError,
    PellucidError as PellucidError,
)
from pellucid.estimators import (
    MLPClassifier as MLPClassifier,
    MLPRegressor as MLPRegressor,
    TabularClassifier as TabularClassifier,
    TabularRegressor as TabularRegressor,
    load as load,
)
from pellucid.gradient_check import (
    GradientCheck as GradientCheck,
    check_gradients as check_gradients,
)
from pellucid.network import Layer as Layer, Network as Network
from pellucid.tracing import Trace as Trace, trace as trace, worked_example as worked_example

__version__: str
