// A document's text is the person's: the form changes the one value it stands for and leaves every other character alone.

export type Path = readonly (string | number)[];

export interface JsonNode {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'literal';
  readonly start: number;
  end: number;
  /** The decoded string, the digits of a number as written, true, false or null. */
  text: string;
  readonly members: { readonly name: string; readonly start: number; readonly value: JsonNode }[];
  readonly items: JsonNode[];
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): JsonNode | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  // From here on the text is known to be good, so the walk need not look for faults.
  let at = 0;
  const skip = () => {
    while (' \t\r\n'.includes(text[at] ?? 'x')) {
      at++;
    }
  };
  const string = (): string => {
    const start = at;
    for (at++; text[at] !== '"'; at++) {
      if (text[at] === '\\') {
        at++;
      }
    }
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };
  const value = (): JsonNode => {
    skip();
    const first = text[at] as string;
    const kind = first === '{' ? 'object' : first === '[' ? 'array' : first === '"' ? 'string' : /[-0-9]/.test(first) ? 'number' : 'literal';
    const node: JsonNode = { kind, start: at, end: at, text: '', members: [], items: [] };
    if (kind === 'string') {
      node.text = string();
    } else if (kind === 'object' || kind === 'array') {
      at++;
      skip();
      while (text[at] !== '}' && text[at] !== ']') {
        if (kind === 'object') {
          const start = at;
          const name = string();
          skip();
          at++; // the colon
          node.members.push({ name, start, value: value() });
        } else {
          node.items.push(value());
        }
        skip();
        if (text[at] === ',') {
          at++;
          skip();
        }
      }
      at++;
    } else {
      while (/[^\s,\]}]/.test(text[at] ?? ',')) {
        at++;
      }
      node.text = text.slice(node.start, at);
    }
    node.end = at;
    return node;
  };
  return value();
}

export function find(node: JsonNode | undefined, path: Path): JsonNode | undefined {
  for (const step of path) {
    node = typeof step === 'number' ? node?.items[step] : node?.members.findLast((member) => member.name === step)?.value;
  }
  return node;
}

/** The text with a value set; what leads to it is made where it is not there. Undefined where something else is in the way. */
export function setValue(text: string, path: Path, json: string): string | undefined {
  const root = parseJson(text.trim() === '' ? '{}' : text);
  if (!root) {
    return undefined;
  }
  if (text.trim() === '') {
    text = '{}';
  }
  let node = root;
  for (let n = 0; n < path.length; n++) {
    const step = path[n] as string | number;
    const next = find(node, [step]);
    if (next) {
      node = next;
      continue;
    }
    if (node.kind !== (typeof step === 'number' ? 'array' : 'object')) {
      // An empty value where the form has a group: the group takes its place.
      return node === root || node.text === '' || node.text === 'null' ? replace(text, node.start, node.end, built(path.slice(n), json)) : undefined;
    }
    const inner = built(path.slice(n + 1), json);
    return insert(text, node, typeof step === 'number' ? inner : `${JSON.stringify(step)}: ${inner}`);
  }
  return replace(text, node.start, node.end, json);
}

/** The text without a value; objects that become empty by it go too. */
export function removeValue(text: string, path: Path): string {
  const root = parseJson(text);
  if (!root || path.length === 0) {
    return text;
  }
  const parent = find(root, path.slice(0, -1));
  const last = path[path.length - 1] as string | number;
  if (!parent || !find(parent, [last])) {
    return text;
  }
  const spans =
    typeof last === 'number'
      ? parent.items.map((item) => ({ start: item.start, end: item.end }))
      : parent.members.map((member) => ({ start: member.start, end: member.value.end }));
  const index = typeof last === 'number' ? last : parent.members.findLastIndex((member) => member.name === last);
  if (spans.length === 1) {
    if (typeof last === 'string' && path.length > 1 && typeof path[path.length - 2] === 'string') {
      return removeValue(text, path.slice(0, -1));
    }
    return replace(text, parent.start + 1, parent.end - 1, '');
  }
  const span = spans[index] as { start: number; end: number };
  const after = spans[index + 1];
  return after ? replace(text, span.start, after.start, '') : replace(text, (spans[index - 1] as { end: number }).end, span.end, '');
}

function built(path: Path, json: string): string {
  return path.reduceRight<string>((inner, step) => (typeof step === 'number' ? `[${inner}]` : `{ ${JSON.stringify(step)}: ${inner} }`), json);
}

function insert(text: string, parent: JsonNode, piece: string): string {
  const last = parent.kind === 'array' ? parent.items.at(-1) : parent.members.at(-1);
  if (!last) {
    // A first member gets a line of its own, one step deeper than its parent.
    const before = text.slice(text.lastIndexOf('\n', parent.start) + 1, parent.start);
    const indent = /^\s*/.exec(before)?.[0] ?? '';
    return replace(text, parent.start + 1, parent.end - 1, parent.kind === 'array' ? piece : `\n${indent}  ${piece}\n${indent}`);
  }
  const start = last.start;
  const end = 'value' in last ? last.value.end : last.end;
  const gap = /\s*$/.exec(text.slice(0, start))?.[0] ?? '';
  return replace(text, end, end, `,${gap.includes('\n') ? gap.slice(gap.lastIndexOf('\n')) : ' '}${piece}`);
}

function replace(text: string, start: number, end: number, piece: string): string {
  return text.slice(0, start) + piece + text.slice(end);
}

/** `$.sample[0].name`, as the server writes paths. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : /^[\p{L}\p{N}_\-@$]+$/u.test(step) ? `${text}.${step}` : `${text}["${step.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"]`,
    '$',
  );
}

/** A number as JSON writes it: what a person types may be full-width or have a leading plus. */
export function numberText(typed: string): string | undefined {
  const text = typed.normalize('NFKC').trim().replace('−', '-').replace(/^\+/, '').replace(/^(-?)\./, '$10.').replace(/\.$/, '');
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text) ? text : undefined;
}
