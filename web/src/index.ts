export { mount } from "./component";
export type { Description, StepFunction, Values } from "./types";
