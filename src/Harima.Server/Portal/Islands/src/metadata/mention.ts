// Where in a comment somebody is being mentioned.

/** The mention the caret stands in: an @ at the beginning of a word, and what follows it. */
export function mentionAt(text: string, caret: number): { from: number; typed: string } | undefined {
  const found = /(?:^|[\s、。（(「])[@＠]([\p{L}\p{N}._-]*)$/u.exec(text.slice(0, caret));
  return found ? { from: caret - found[1]!.length - 1, typed: found[1]! } : undefined;
}
