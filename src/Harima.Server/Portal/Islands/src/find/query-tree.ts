// The tree of a question (docs/reference/search.md, QueryJson) as rows and groups of a builder, and back without loss.

export type Tree =
  | { readonly all: readonly Tree[] }
  | { readonly any: readonly Tree[] }
  | { readonly not: Tree }
  | { readonly text: string; readonly exact?: boolean }
  | { readonly path: string; readonly is?: string; readonly exact?: boolean; readonly from?: string; readonly to?: string; readonly above?: string; readonly below?: string; readonly exists?: boolean };

export const operators = ['is', 'exact', 'between', 'from', 'to', 'above', 'below', 'exists'] as const;
export type Operator = (typeof operators)[number];

export interface Group {
  readonly type: 'group';
  not: boolean;
  all: boolean;
  parts: Part[];
}

export interface Row {
  readonly type: 'row';
  not: boolean;
  /** A short name or a path; empty for words anywhere. */
  field: string;
  operator: Operator;
  value: string;
  /** The upper end of a range. */
  to: string;
  /** Written behind the number; behind both ends of a range where both carried it. */
  unit: string;
  /** What stood between number and unit. */
  gap: string;
  unitOnBoth: boolean;
}

export type Part = Group | Row;

export function newRow(field = ''): Row {
  return { type: 'row', not: false, field, operator: 'is', value: '', to: '', unit: '', gap: '', unitOnBoth: false };
}

export function newGroup(all: boolean, parts: Part[] = []): Group {
  return { type: 'group', not: false, all, parts };
}

/** The whole question is a group, so that there is always something to add to. */
export function fromTree(tree: Tree): Group {
  const part = partOf(tree);
  return part.type === 'group' && !part.not ? part : newGroup(true, [part]);
}

/** Undefined for a part that is not filled in yet. */
export function toTree(part: Part): Tree | undefined {
  const plain = part.type === 'group' ? groupTree(part) : rowTree(part);
  return plain && part.not ? { not: plain } : plain;
}

function partOf(tree: Tree): Part {
  if ('all' in tree) {
    return newGroup(true, tree.all.map(partOf));
  }
  if ('any' in tree) {
    return newGroup(false, tree.any.map(partOf));
  }
  if ('not' in tree) {
    const inner = partOf(tree.not);
    if (inner.not) {
      return { ...newGroup(true, [inner]), not: true };
    }
    inner.not = true;
    return inner;
  }
  if ('text' in tree) {
    return { ...newRow(), operator: tree.exact ? 'exact' : 'is', value: tree.text };
  }
  const row = newRow(tree.path);
  if (tree.exists !== undefined) {
    return { ...row, operator: 'exists', not: !tree.exists };
  }
  if (tree.is !== undefined) {
    return tree.exact ? { ...row, operator: 'exact', value: tree.is } : withUnit({ ...row, value: tree.is });
  }
  if (tree.above !== undefined || tree.below !== undefined) {
    return withUnit({ ...row, operator: tree.above !== undefined ? 'above' : 'below', value: (tree.above ?? tree.below)! });
  }
  if (tree.from !== undefined && tree.to !== undefined) {
    return withUnits({ ...row, operator: 'between', value: tree.from, to: tree.to });
  }
  return withUnit({ ...row, operator: tree.from !== undefined ? 'from' : 'to', value: (tree.from ?? tree.to)! });
}

// A number and what follows it, as a person would call it a unit: "12.1keV", "300 K". Not "2026-04", not "BL14B2".
const Quantity = /^([+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)(\s*)([A-Za-zÅμµ°%Ω][^\d\s]*)?$/u;

function withUnit(row: Row): Row {
  const found = Quantity.exec(row.value);
  return found?.[3] ? { ...row, value: found[1]!, gap: found[2]!, unit: found[3] } : row;
}

function withUnits(row: Row): Row {
  const [from, to] = [Quantity.exec(row.value), Quantity.exec(row.to)];
  if (!from || !to || !to[3] || (from[3] && (from[3] !== to[3] || from[2] !== to[2]))) {
    return row;
  }
  return { ...row, value: from[1]!, to: to[1]!, gap: to[2]!, unit: to[3], unitOnBoth: from[3] !== undefined };
}

function groupTree(group: Group): Tree | undefined {
  const parts = group.parts.map(toTree).filter((part): part is Tree => part !== undefined);
  return parts.length === 0 ? undefined : group.all ? { all: parts } : { any: parts };
}

function rowTree(row: Row): Tree | undefined {
  const { field, operator } = row;
  const value = row.value;
  if (operator === 'exists') {
    return field === '' ? undefined : { path: field, exists: true };
  }
  if (operator === 'exact') {
    return value === '' ? undefined : field === '' ? { text: value, exact: true } : { path: field, is: value, exact: true };
  }
  if (field === '') {
    return value.trim() === '' ? undefined : { text: value };
  }
  const [behind, end] = [row.unit === '' ? '' : row.gap + row.unit, row.to];
  if (operator === 'between') {
    return value.trim() === '' || end.trim() === '' ? undefined : { path: field, from: row.unitOnBoth ? value + behind : value, to: end + behind };
  }
  if (value.trim() === '') {
    return undefined;
  }
  return { path: field, [operator]: value + behind } as Tree;
}
