export interface MetadataError {
  readonly line: number;
  readonly column: number;
  readonly path?: string | null;
  readonly message: string;
  readonly messageJa?: string | null;
  /** Of JSON Schema; none where the text is not even JSON. */
  readonly keyword?: string | null;
  readonly label?: string | null;
  readonly labelJa?: string | null;
}

export interface CheckAnswer {
  readonly valid: boolean;
  readonly errors: readonly MetadataError[];
  /** What the schema requires and is not there yet. */
  readonly missing?: readonly MetadataError[] | null;
}

/** The index in the text of a line and column counted from one. Past the end of a line means its end. */
export function positionOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf('\n', start);
    if (next < 0) {
      return text.length;
    }
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + Math.max(0, column - 1), end < 0 ? text.length : end);
}
