// The form that a schema makes of a document. It owns no value: everything stands in the text of the document, which it
// changes value by value and is filled from.
import { button, h } from '../page/dom';
import type { Texts } from '../page/texts';
import type { MetadataError } from './check';
import { find, numberText, parseJson, pathText, removeValue, setValue, type JsonNode, type Path } from './json-text';
import { SchemaReader, type Field, type Schema } from './schema';

interface Bound {
  readonly path: Path;
  readonly control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
  readonly row: HTMLElement;
  readonly error: HTMLElement;
}

interface BoundList {
  readonly path: Path;
  readonly field: Field;
  readonly holder: HTMLElement;
}

const OpenDepth = 2;
let forms = 0;

export class SchemaForm {
  readonly element = h('div', { class: 'schema-form' });
  private readonly id = `sf${++forms}`;
  private readonly reader: SchemaReader;
  private bound: Bound[] = [];
  private lists: BoundList[] = [];
  private controls = 0;
  private readonly broken = h('p', { class: 'schema-broken', hidden: true, role: 'status' });
  private readonly body = h('div', { class: 'schema-body' });

  /** @param change is told the new text whenever the form changed it. */
  constructor(
    schema: Schema,
    language: string,
    private readonly texts: Texts,
    private readonly read: () => string,
    private readonly change: (text: string) => void,
  ) {
    this.reader = new SchemaReader(schema, language);
    this.broken.textContent = texts.get('jsonBroken');
    this.element.append(this.broken, this.body);
    this.draw();
  }

  /** Fills the form from the text, keeping what is being typed. */
  fill(): void {
    const text = this.read();
    const root = text.trim() === '' ? parseJson('{}') : parseJson(text);
    this.broken.hidden = root !== undefined;
    this.body.toggleAttribute('inert', root === undefined);
    if (!root) {
      return;
    }
    if (this.lists.some(({ path, holder }) => holder.childElementCount !== (find(root, path)?.items.length ?? 0))) {
      this.draw();
      return;
    }
    for (const { path, control } of this.bound) {
      if (control !== document.activeElement) {
        write(control, find(root, path));
      }
    }
  }

  showErrors(errors: readonly MetadataError[], language: string): void {
    for (const { path, control, row, error } of this.bound) {
      const own = errors.filter((one) => one.path === pathText(path) || (one.path === pathText(path.slice(0, -1)) && path.at(-1) === 'value'));
      const wrong = own.filter((one) => one.keyword !== 'required');
      error.textContent = wrong.map((one) => (language === 'ja' ? one.messageJa ?? one.message : one.message)).join(' ');
      error.hidden = wrong.length === 0;
      control.classList.toggle('is-invalid', wrong.length > 0);
      control.toggleAttribute('aria-invalid', wrong.length > 0);
      row.classList.toggle('schema-missing', own.length > wrong.length);
    }
  }

  /** Opens what is around a field and goes there. @returns false where the form has no such field. */
  focus(path: string): boolean {
    const exact = this.bound.find((one) => pathText(one.path) === path);
    const target = exact ?? this.bound.find((one) => pathText(one.path).startsWith(path + '.') || pathText(one.path).startsWith(path + '['));
    const group = this.element.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
    const element = target?.control ?? group;
    for (let around = element?.parentElement; around && around !== this.element; around = around.parentElement) {
      if (around instanceof HTMLDetailsElement) {
        around.open = true;
      }
    }
    element?.focus();
    element?.scrollIntoView({ block: 'center' });
    return element !== undefined && element !== null;
  }

  private draw(): void {
    const open = new Set([...this.element.querySelectorAll<HTMLDetailsElement>('details[open]')].map((one) => one.dataset['path']));
    const drawn = this.body.childElementCount > 0;
    this.bound = [];
    this.lists = [];
    this.controls = 0;
    const root = parseJson(this.read()) ?? parseJson('{}');
    this.body.replaceChildren(...this.reader.rootFields.map((field) => this.draws(field, [field.key], root, 1)));
    if (drawn) {
      for (const details of this.element.querySelectorAll('details')) {
        details.open = open.has(details.dataset['path']);
      }
    }
  }

  private draws(field: Field, path: Path, root: JsonNode | undefined, depth: number): HTMLElement {
    if (depth > 12) {
      return h('span');
    }
    if (field.kind === 'object') {
      return this.group(field, path, depth, this.reader.fieldsOf(field.schema).map((inner) => this.draws(inner, [...path, inner.key], root, depth + 1)));
    }
    if (field.kind === 'array') {
      return this.list(field, path, root, depth);
    }
    return this.row(field, path, root);
  }

  private group(field: Field, path: Path, depth: number, children: HTMLElement[], label = field.label): HTMLElement {
    const summary = h('summary', { tabindex: '0' }, label, ...(field.required ? [this.star()] : []));
    return h('details', { class: 'schema-group', open: depth < OpenDepth || field.required, 'data-path': pathText(path) }, summary, h('div', { class: 'schema-fields' }, ...children));
  }

  private list(field: Field, path: Path, root: JsonNode | undefined, depth: number): HTMLElement {
    const item = this.reader.itemOf(field);
    const holder = h('div', { class: 'schema-items' });
    const count = find(root, path)?.items.length ?? 0;
    for (let n = 0; n < count; n++) {
      const at = [...path, n];
      const label = `${field.label} ${n + 1}`;
      const drawn =
        item.kind === 'object'
          ? this.group({ ...item, required: true }, at, depth, this.reader.fieldsOf(item.schema).map((inner) => this.draws(inner, [...at, inner.key], root, depth + 1)), label)
          : this.draws({ ...item, label }, at, root, depth + 1);
      const remove = button('btn btn-sm btn-outline-secondary schema-remove', this.texts.get('removeItem'), () => this.edit(removeValue(this.read(), at)), 'x');
      remove.setAttribute('aria-label', `${this.texts.get('removeItem')}: ${label}`);
      holder.append(h('div', { class: 'schema-item' }, drawn, remove));
    }
    const add = button('btn btn-sm btn-outline-primary', this.texts.get('addItem', { name: field.label }), () => {
      const blank = item.kind === 'object' || item.kind === 'quantity' ? '{}' : item.kind === 'array' ? '[]' : '""';
      const text = setValue(this.read(), [...path, find(parseJson(this.read()), path)?.items.length ?? 0], blank);
      if (text !== undefined) {
        this.edit(text);
        this.focus(pathText([...path, (find(parseJson(text), path)?.items.length ?? 1) - 1]));
      }
    });
    this.lists.push({ path, field, holder });
    const summary = h('summary', { tabindex: '0' }, field.label, h('span', { class: 'quiet fw-normal' }, ` (${count})`), ...(field.required ? [this.star()] : []));
    return h('details', { class: 'schema-group schema-list', open: count > 0 || field.required, 'data-path': pathText(path) }, summary, holder, add);
  }

  private row(field: Field, path: Path, root: JsonNode | undefined): HTMLElement {
    const id = `${this.id}-${++this.controls}`;
    const valuePath = field.kind === 'quantity' ? [...path, 'value'] : path;
    const control = this.control(field, id);
    const error = h('div', { class: 'invalid-feedback d-block', id: `${id}-error`, hidden: true });
    const describedBy = [field.hint ? `${id}-hint` : '', `${id}-error`].filter(Boolean).join(' ');
    control.setAttribute('aria-describedby', describedBy);
    const label = h('label', { class: 'form-label', for: id }, field.label, ...(field.required ? [this.star()] : []));
    const parts: HTMLElement[] = [control];
    const row = h('div', { class: `schema-row${field.rows > 0 ? ' schema-wide' : ''}`, 'data-path': pathText(path) }, label);
    this.bind(control, valuePath, row, error, field);
    write(control, find(root, valuePath));
    const unitPath = field.kind === 'quantity' ? [...path, 'unit'] : field.unitKey ? [...path.slice(0, -1), field.unitKey] : undefined;
    if (unitPath) {
      const unit = this.unitControl(field, `${id}-unit`);
      unit.setAttribute('aria-label', `${field.label} – ${this.texts.get('unit')}`);
      this.bind(unit, unitPath, row, error, undefined);
      write(unit, find(root, unitPath));
      parts.push(unit);
      if (field.kind === 'quantity' && field.units.length > 0) {
        // A number without a unit says nothing: the first of the list is set with it, and seen.
        control.addEventListener('change', () => {
          if (control.value !== '' && unit.value === '') {
            unit.value = field.units[0] as string;
            unit.dispatchEvent(new Event('input'));
          }
        });
      }
    } else if (field.unit) {
      parts.push(h('span', { class: 'input-group-text' }, field.unit));
    }
    row.append(parts.length > 1 ? h('div', { class: 'input-group' }, ...parts) : control);
    if (control instanceof HTMLInputElement && field.examples.length > 0) {
      row.append(h('datalist', { id: `${id}-examples` }, ...field.examples.map((one) => h('option', { value: one }))));
    }
    if (field.hint) {
      row.append(h('div', { class: 'form-text', id: `${id}-hint` }, field.hint));
    }
    row.append(error);
    return row;
  }

  private control(field: Field, id: string): HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement {
    if (field.kind === 'boolean') {
      return this.select(id, [['true', this.texts.get('yes')], ['false', this.texts.get('no')]]);
    }
    if (field.choices.length > 0) {
      return this.select(id, field.choices.map((one) => [one, one]));
    }
    if (field.rows > 0) {
      return h('textarea', { id, class: 'form-control', rows: String(field.rows) });
    }
    const numeric = field.kind === 'number' || field.kind === 'integer' || field.kind === 'quantity';
    return h('input', {
      id,
      class: 'form-control',
      type: field.format === 'date' ? 'date' : 'text',
      inputmode: numeric ? 'decimal' : undefined,
      placeholder: field.placeholder || undefined,
      autocomplete: 'off',
      list: field.examples.length > 0 ? `${id}-examples` : undefined,
    });
  }

  private unitControl(field: Field, id: string): HTMLInputElement | HTMLSelectElement {
    return field.units.length > 0 ? this.select(id, field.units.map((one) => [one, one]), 'schema-unit') : h('input', { id, class: 'form-control schema-unit', type: 'text', placeholder: this.texts.get('unit') });
  }

  private select(id: string, options: readonly (readonly [string, string])[], extra = ''): HTMLSelectElement {
    return h('select', { id, class: `form-select ${extra}` }, h('option', { value: '' }, '–'), ...options.map(([value, label]) => h('option', { value }, label)));
  }

  private bind(control: Bound['control'], path: Path, row: HTMLElement, error: HTMLElement, field: Field | undefined): void {
    this.bound.push({ path, control, row, error });
    control.addEventListener('input', () => {
      const text = control.value === '' ? removeValue(this.read(), path) : setValue(this.read(), path, jsonOf(control.value, field));
      if (text !== undefined) {
        this.change(text);
      }
    });
  }

  private edit(text: string): void {
    this.change(text);
    this.fill();
  }

  private star(): HTMLElement {
    return h('span', { class: 'schema-required', title: this.texts.get('required') }, ' *', h('span', { class: 'visually-hidden' }, ` ${this.texts.get('required')}`));
  }
}

/** What is no number stays as it was typed: the check says so, and nothing is lost. */
function jsonOf(typed: string, field: Field | undefined): string {
  if (field?.kind === 'boolean') {
    return typed;
  }
  if (field && (field.kind === 'number' || field.kind === 'integer' || field.kind === 'quantity')) {
    return numberText(typed) ?? JSON.stringify(typed);
  }
  if (field && field.choices.length > 0) {
    const choices = Array.isArray(field.schema['enum']) ? (field.schema['enum'] as unknown[]) : [];
    const choice = choices.find((one) => String(one) === typed);
    return choice === undefined ? JSON.stringify(typed) : JSON.stringify(choice);
  }
  return JSON.stringify(typed);
}

function write(control: Bound['control'], node: JsonNode | undefined): void {
  const value = node === undefined || node.kind === 'object' || node.kind === 'array' || node.text === 'null' ? '' : node.text;
  if (control instanceof HTMLSelectElement && value !== '' && ![...control.options].some((option) => option.value === value)) {
    // Not of the vocabulary, but there: shown, and the check says what it should be.
    control.append(h('option', { value }, value));
  }
  if (control instanceof HTMLInputElement && control.type === 'date' && value !== '' && !/^\d{4}-\d\d-\d\d$/.test(value)) {
    control.type = 'text';
  }
  if (control.value !== value) {
    control.value = value;
  }
}
