/**
 * The errors of this package. A message is one sentence: where, what, got, expected, hint. The command line
 * prints it as it is, so nothing that a user can cause may surface as any other kind of error.
 */

/** Base class: `catch (error) { if (error instanceof DffError) … }` catches all that a user can cause. */
export class DffError extends Error {
  override readonly name: string = 'DffError';
}

/** Shapes or attributes that do not fit an operator, found before anything is computed. */
export class ShapeError extends DffError {
  override readonly name = 'ShapeError';
}

/** A file or byte sequence that is not what its format demands. */
export class FormatError extends DffError {
  override readonly name = 'FormatError';
}

/** A network parameter that is missing, unexpected or of the wrong shape. */
export class ParameterError extends DffError {
  override readonly name = 'ParameterError';
}

/** An operator that a backend has no kernel for. */
export class UnsupportedOpError extends DffError {
  override readonly name = 'UnsupportedOpError';
}

/** A backend that does not exist or cannot run on this machine. */
export class UnsupportedBackendError extends DffError {
  override readonly name = 'UnsupportedBackendError';
}

/** A video frame that cannot be used: unreadable, of another size than its predecessors, out of order. */
export class FrameError extends DffError {
  override readonly name = 'FrameError';
}
