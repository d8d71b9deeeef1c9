/** Frames of a video, made up; those of `dff bench`. */
export { movingShapes } from '../../src/cli/bench/frame.ts';
