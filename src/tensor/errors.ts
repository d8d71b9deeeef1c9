/**
 * The errors of this package. A message is one sentence: where, what, got, expected, hint. The command line
 * prints it as it is, so nothing that a user can cause may surface as any other kind of error.
 */

/** Base class: `catch (error) { if (error instanceof DffError) … }` catches all that a user can cause. */
export class DffError extends Error {
  override readonly name: string = 'DffError';

  constructor(message: string, options?: ErrorOptions) {
    super(legible(message), options);
  }
}

/** Longer messages lose their middle. */
const [HEAD, TAIL] = [900, 300];

/** What must not reach a terminal or a log as it is: control and format characters, line breaks of every kind. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Messages quote files and arguments, which may hold anything: in one line, of a length that can be read. */
function legible(message: string): string {
  const escaped = shortened(message).replaceAll(unprintable, (character) => {
    const escape = character.codePointAt(0)!.toString(16).padStart(4, '0');
    return escape.length > 4 ? `\\u{${escape}}` : `\\u${escape}`;
  });
  return shortened(escaped);
}

function shortened(text: string): string {
  return text.length > HEAD + TAIL + 3 ? `${text.slice(0, HEAD)} … ${text.slice(-TAIL)}` : text;
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
