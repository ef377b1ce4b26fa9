/**
 * Written by src/cli/lookahead.ts for the model harbour: on texts held out it finds 37 % of the chunks that are needed soon, and
 * refuses 95 % of the others. One gate for each query head, layer by layer, and the constant.
 */
export const gates: readonly number[] = [
  0.85, 2.158, 0.544, 1.534, 0.073, 1.044, -0.367, -0.161, 0.029, 0.002, -0.001, 0, 0.544, 0, 0.137, -0.037, -0.368,
  0.941, 2.745, 0.573, 1.978, 0.861, 1.832, -0.93, -2.24, 0.349, 0.326, 1.365, 1.542, -1.795, 1.39, -0.162,
];
export const constant = -2.669;
