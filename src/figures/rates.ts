import type { Rate } from '../engine/measure/rights.ts';

/** Whether two intervals lie apart. */
export const apart = ([, lowA, highA]: Rate, [, lowB, highB]: Rate): boolean => highA < lowB || highB < lowA;
