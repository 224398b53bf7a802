/** The frame, from 0, that somebody typed counting from 1; null where it is none of these. */
export function frameIn(typed: string, frames: number): number | null {
  const text = typed.normalize('NFKC').trim();
  if (!/^\d{1,15}$/.test(text)) {
    return null;
  }
  const number = Number(text);
  return number >= 1 && number <= frames ? number - 1 : null;
}
