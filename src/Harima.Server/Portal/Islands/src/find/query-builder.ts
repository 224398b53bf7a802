// <query-builder data-input>: rows of field, operator and value below the search field. Text and tree are turned into each other by
// the server alone (/search/query), so the two can never disagree about what is asked.
import { button, h, icon, isComposing, setText } from '../page/dom';
import { Suggestions } from '../page/suggestions';
import { Texts } from '../page/texts';
import { fromTree, newGroup, newRow, operators, toTree, type Group, type Operator, type Part, type Row, type Tree } from './query-tree';
import { askJson, QueryProblem, suggestPaths, suggestValues, type FieldDescription } from './search-api';

interface BothForms {
  readonly text: string;
  readonly query: Tree;
}

const QuietMs = 300;
const OpenKey = 'harima.builder';

// What people write behind such numbers; any other unit may be typed.
const UnitFamilies = [
  ['keV', 'eV', 'MeV', 'J'], ['Å', 'nm', 'µm', 'mm', 'cm', 'm'], ['K', '°C'], ['Pa', 'kPa', 'MPa', 'GPa', 'bar'],
  ['s', 'ms', 'µs', 'min', 'h'], ['B', 'kB', 'MB', 'GB', 'TB'], ['mA', 'A'], ['deg', 'rad'],
];

export class QueryBuilder extends HTMLElement {
  private texts!: Texts;
  private input!: HTMLInputElement;
  private fields: readonly FieldDescription[] = [];
  private root: Group = newGroup(true);
  private timer = 0;
  private turn = 0;
  private readonly body = h('div', { class: 'builder-body' });
  private readonly status = h('p', { class: 'builder-status', role: 'status' });
  private readonly details = h('details', { class: 'panel builder' });

  connectedCallback(): void {
    const input = document.getElementById(this.dataset['input'] ?? '');
    if (this.input || !(input instanceof HTMLInputElement)) {
      return;
    }
    this.input = input;
    this.texts = Texts.of(this);
    const go = button('btn btn-primary', this.texts.get('search'), () => void this.send());
    this.details.append(h('summary', {}, this.texts.get('title')), this.body, this.status, h('div', { class: 'page-actions' }, go));
    this.append(this.details);
    // Enter that no list of suggestions took searches, as in the search field.
    this.body.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !isComposing(event) && !event.defaultPrevented && event.target instanceof HTMLInputElement && event.target.type === 'text') {
        event.preventDefault();
        void this.send();
      }
    });
    this.details.addEventListener('toggle', () => {
      remember(this.details.open);
      if (this.details.open) {
        void this.read();
      }
    });
    for (const name of ['input', 'query-changed']) {
      input.addEventListener(name, (event) => {
        if (this.details.open && !(event as InputEvent).isComposing) {
          this.soon(() => this.read());
        }
      });
    }
    this.details.open = sessionStorage.getItem(OpenKey) === 'open';
  }

  private soon(act: () => Promise<unknown>): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void act(), QuietMs);
  }

  /** The text was changed: what the server reads in it is drawn. */
  private async read(): Promise<void> {
    const turn = ++this.turn;
    try {
      if (this.fields.length === 0) {
        this.fields = (await askJson<{ items: FieldDescription[] }>('/search/fields', {})).items;
      }
      const both = await askJson<BothForms>('/search/query', { q: this.input.value });
      if (turn === this.turn) {
        this.root = fromTree(both.query);
        this.say('');
        this.draw();
      }
    } catch (problem) {
      if (turn === this.turn) {
        this.refuse(problem);
      }
    }
  }

  /** A row was changed: the server writes it as text. */
  private async write(): Promise<boolean> {
    const turn = ++this.turn;
    const tree = toTree(this.root) ?? { all: [] };
    try {
      const both = await askJson<BothForms>('/search/query', {}, { method: 'POST', body: JSON.stringify(tree), headers: { 'content-type': 'application/json' } });
      if (turn === this.turn) {
        this.input.value = both.text;
        this.say('');
        return true;
      }
    } catch (problem) {
      if (turn === this.turn) {
        this.refuse(problem);
      }
    }
    return false;
  }

  /** Asks what the rows say now, though they were changed a moment ago. A question that cannot be written is not asked. */
  private async send(): Promise<void> {
    clearTimeout(this.timer);
    if (await this.write()) {
      this.input.form?.requestSubmit();
    }
  }

  private refuse(problem: unknown): void {
    const place = problem instanceof QueryProblem ? problem.position : undefined;
    this.body.replaceChildren();
    if (place === undefined) {
      this.say(problem instanceof QueryProblem ? problem.message : this.texts.get('failed'));
      return;
    }
    const text = this.input.value;
    this.status.replaceChildren(
      this.texts.get('unreadable', { place: place + 1 }),
      h('code', { class: 'builder-place' }, text.slice(0, place), h('mark', {}, text[place] ?? '␣'), text.slice(place + 1)),
    );
  }

  private say(text: string): void {
    this.status.replaceChildren();
    setText(this.status, text);
  }

  private changed(redraw: boolean): void {
    this.turn++; // what is read meanwhile would undo it
    if (redraw) {
      this.draw();
    }
    this.soon(() => this.write());
  }

  private draw(): void {
    if (this.root.parts.length === 0) {
      this.root.parts.push(newRow());
    }
    this.body.replaceChildren(this.groupElement(this.root, undefined));
  }

  private groupElement(group: Group, within: Group | undefined): HTMLElement {
    const t = this.texts;
    const kind = h('select', { class: 'form-select form-select-sm', 'aria-label': t.get('groupKind') }, h('option', { value: 'all' }, t.get('all')), h('option', { value: 'any' }, t.get('any')));
    kind.value = group.all ? 'all' : 'any';
    kind.addEventListener('change', () => {
      group.all = kind.value === 'all';
      this.changed(false);
    });
    const add = (part: Part) => () => {
      group.parts.push(part);
      this.draw();
      this.focusLast(group);
      this.changed(false);
    };
    const head = h('div', { class: 'builder-head' }, kind);
    if (within) {
      head.prepend(this.notBox(group));
      head.append(this.removeButton(group, within, t.get('removeGroup')));
    }
    return h(
      'div',
      { class: 'builder-group', role: 'group', 'aria-label': t.get('group') },
      head,
      ...group.parts.map((part) => (part.type === 'group' ? this.groupElement(part, group) : this.rowElement(part, group))),
      h(
        'div',
        { class: 'builder-add' },
        button('btn btn-sm btn-outline-primary', t.get('addCondition'), () => add(newRow())(), 'plus'),
        button('btn btn-sm btn-outline-secondary', t.get('addGroup'), () => add(newGroup(!group.all, [newRow()]))(), 'plus'),
      ),
    );
  }

  private focusLast(group: Group): void {
    // Groups are drawn in the order of the tree, so the one that grew is found by counting.
    const groups: Group[] = [];
    const walk = (each: Group): void => {
      groups.push(each);
      each.parts.forEach((part) => part.type === 'group' && walk(part));
    };
    walk(this.root);
    const element = this.body.querySelectorAll<HTMLElement>('.builder-group')[groups.indexOf(group)];
    [...(element?.querySelectorAll<HTMLElement>(':scope > .builder-row, :scope > .builder-group') ?? [])].at(-1)?.querySelector<HTMLElement>('input[type=text]')?.focus();
  }

  private notBox(part: Part): HTMLElement {
    const box = h('input', { class: 'form-check-input', type: 'checkbox' });
    box.checked = part.not;
    box.addEventListener('change', () => {
      part.not = box.checked;
      this.changed(false);
    });
    return h('label', { class: 'builder-not' }, box, this.texts.get('not'));
  }

  private removeButton(part: Part, within: Group, label: string): HTMLElement {
    const element = button('btn btn-sm btn-ghost btn-icon', '', () => {
      within.parts = within.parts.filter((each) => each !== part);
      this.changed(true);
      this.body.querySelector<HTMLElement>('.builder-add button')?.focus();
    });
    element.replaceChildren(icon('x'));
    element.setAttribute('aria-label', label);
    element.title = label;
    return element;
  }

  private rowElement(row: Row, within: Group): HTMLElement {
    const t = this.texts;
    const field = this.textInput(t.get('field'), row.field, (value) => (row.field = value));
    field.placeholder = t.get('words');
    const operator = h('select', { class: 'form-select form-select-sm', 'aria-label': t.get('operator') });
    operator.append(...this.operatorsOf(row).map((each) => h('option', { value: each }, t.get(`operator.${row.field === '' ? 'words.' : ''}${each}`))));
    operator.value = row.operator;
    operator.addEventListener('change', () => {
      row.operator = operator.value as Operator;
      this.changed(true);
      this.rowOf(row)?.querySelector('select')?.focus();
    });
    new Suggestions({
      input: field,
      label: t.get('field'),
      ask: () => suggestPaths(field.value.trim(), (path) => (t.has(`field.${path}`) ? t.get(`field.${path}`) : undefined)),
      choose: (suggestion) => {
        row.field = suggestion.value;
        this.changed(true);
        this.rowOf(row)?.querySelectorAll<HTMLElement>('input[type=text]')[1]?.focus();
      },
    });
    // Operators and units follow the field once it is left.
    field.addEventListener('change', () => this.changed(true));
    const element = h('div', { class: 'builder-row' }, this.notBox(row), h('div', { class: 'suggestion-holder builder-field' }, field), operator, ...this.valueInputs(row), this.removeButton(row, within, t.get('remove')));
    rows.set(row, element);
    return element;
  }

  private rowOf(row: Row): HTMLElement | undefined {
    return rows.get(row);
  }

  private operatorsOf(row: Row): Operator[] {
    const kind = this.fieldOf(row)?.kind;
    const fits = (operator: Operator): boolean => {
      if (row.field === '') {
        return operator === 'is' || operator === 'exact';
      }
      return kind === 'text' || kind === 'element' || kind === 'file' ? operator === 'is' || operator === 'exact' || operator === 'exists' : true;
    };
    // What the question says is offered, whatever suits the field.
    return operators.filter((operator) => fits(operator) || operator === row.operator);
  }

  private fieldOf(row: Row): FieldDescription | undefined {
    const name = row.field.toLowerCase();
    return this.fields.find((field) => field.name === name || field.aliases.includes(name));
  }

  private valueInputs(row: Row): HTMLElement[] {
    const t = this.texts;
    if (row.operator === 'exists') {
      return [];
    }
    const value = this.textInput(t.get(row.operator === 'between' ? 'from' : 'value'), row.value, (text) => (row.value = text));
    if (row.field !== '' && (row.operator === 'is' || row.operator === 'exact')) {
      new Suggestions({
        input: value,
        label: t.get('value'),
        ask: () => suggestValues(row.field, value.value, ''),
        choose: (suggestion) => {
          row.value = suggestion.value;
          value.value = suggestion.value;
          // As in the text: what would be read as more than one word is one only in quotation marks.
          if (/[\s*\\]/.test(suggestion.value)) {
            row.operator = 'exact';
          }
          this.changed(true);
        },
      });
    }
    const out: HTMLElement[] = [h('div', { class: 'suggestion-holder builder-value' }, value)];
    if (row.operator === 'between') {
      out.push(h('span', { 'aria-hidden': 'true' }, '–'), h('div', { class: 'builder-value' }, this.textInput(t.get('to'), row.to, (text) => (row.to = text))));
    }
    const usual = this.fieldOf(row)?.unit ?? undefined;
    const kind = this.fieldOf(row)?.kind;
    if (row.unit !== '' || usual || kind === 'bytes' || (row.field !== '' && kind === undefined && row.operator !== 'is' && row.operator !== 'exact')) {
      out.push(h('div', { class: 'builder-unit' }, this.unitInput(row, kind === 'bytes' ? 'B' : usual)));
    }
    return out;
  }

  private unitInput(row: Row, usual: string | undefined): HTMLInputElement {
    const input = this.textInput(this.texts.get('unit'), row.unit, (text) => (row.unit = text.trim()));
    input.placeholder = usual ?? this.texts.get('unit');
    const family = UnitFamilies.find((units) => units.includes(row.unit) || (usual !== undefined && units.includes(usual))) ?? [];
    new Suggestions({
      input,
      label: this.texts.get('unit'),
      ask: () => Promise.resolve(family.filter((unit) => unit.toLowerCase().startsWith(input.value.trim().toLowerCase())).map((unit) => ({ value: unit, label: unit }))),
      choose: (suggestion) => {
        input.value = row.unit = suggestion.value;
        this.changed(false);
      },
    });
    return input;
  }

  private textInput(label: string, value: string, put: (value: string) => void): HTMLInputElement {
    const input = h('input', { class: 'form-control form-control-sm', type: 'text', 'aria-label': label, title: label, spellcheck: 'false', autocomplete: 'off' });
    input.value = value;
    input.addEventListener('input', (event) => {
      if (!(event as InputEvent).isComposing) {
        put(input.value);
        this.changed(false);
      }
    });
    input.addEventListener('compositionend', () => {
      put(input.value);
      this.changed(false);
    });
    return input;
  }
}

const rows = new WeakMap<Row, HTMLElement>();

function remember(open: boolean): void {
  try {
    sessionStorage.setItem(OpenKey, open ? 'open' : 'closed');
  } catch {
    // It opens closed next time.
  }
}
