// What a form needs of a JSON Schema: draft-07 and 2020-12, the labels of NIMS (label, options) and of SPring-8 (description).

export type Schema = Readonly<Record<string, unknown>>;

export type FieldKind = 'object' | 'array' | 'number' | 'integer' | 'string' | 'boolean' | 'quantity' | 'any';

export interface Field {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  /** Fixed by the schema, or the choice of units of a quantity. */
  readonly unit: string;
  readonly units: readonly string[];
  /** The member beside this one that holds its unit: `energy_unit` of `energy`. */
  readonly unitKey: string | undefined;
  readonly choices: readonly string[];
  readonly examples: readonly string[];
  readonly placeholder: string;
  readonly format: string;
  readonly rows: number;
  readonly schema: Schema;
}

const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export class SchemaReader {
  constructor(
    private readonly root: Schema,
    private readonly language: string,
  ) {}

  /** The fields of an object, in the order of the schema. */
  fieldsOf(schema: Schema): Field[] {
    const plain = this.plain(schema);
    const properties = isObject(plain['properties']) ? plain['properties'] : {};
    const required = new Set(list(plain['required']));
    return Object.entries(properties)
      .filter(([key, value]) => isObject(value) && !(key.endsWith('_unit') && key.slice(0, -5) in properties))
      .map(([key, value]) => this.field(key, value as Schema, required.has(key), `${key}_unit` in properties ? (properties[`${key}_unit`] as Schema) : undefined));
  }

  get rootFields(): Field[] {
    return this.fieldsOf(this.root);
  }

  /** One item of a list. */
  itemOf(field: Field): Field {
    const items = this.plain(field.schema)['items'];
    return this.field(field.key, isObject(items) ? items : {}, false);
  }

  private field(key: string, schema: Schema, required: boolean, unitSchema?: Schema): Field {
    const plain = this.plain(schema);
    const options = isObject(plain['options']) ? plain['options'] : {};
    const properties = isObject(plain['properties']) ? plain['properties'] : {};
    const quantity = isObject(properties['value']) && isObject(properties['unit']) && Object.keys(properties).length === 2;
    const unitOf = quantity ? this.plain(properties['unit'] as Schema) : unitSchema ? this.plain(unitSchema) : {};
    const number = quantity ? this.plain(properties['value'] as Schema) : plain;
    return {
      key,
      label: this.label(plain, key),
      hint: this.hint(plain),
      kind: quantity ? 'quantity' : kindOf(plain),
      required,
      unit: text(options['unit']) || text(number['unit']),
      units: [...list(unitOf['enum']), ...list(unitOf['examples'])].map(String),
      unitKey: unitSchema ? `${key}_unit` : undefined,
      choices: choicesOf(plain),
      examples: list(plain['examples']).filter((one) => typeof one !== 'object').map(String),
      placeholder: this.pick(options['placeholder']),
      format: text(plain['format']),
      rows: text(options['widget']) === 'textarea' ? Math.max(2, Number(options['rows'] ?? 3)) : 0,
      schema: plain,
    };
  }

  /** With references followed, parts of allOf put together, and a form that may be null taken as the form. */
  private plain(schema: Schema, depth = 0): Schema {
    if (depth > 20) {
      return {};
    }
    let merged: Record<string, unknown> = { ...schema };
    if (typeof schema['$ref'] === 'string') {
      const target = this.follow(schema['$ref']);
      merged = { ...(target ? this.plain(target, depth + 1) : {}), ...merged };
      delete merged['$ref'];
    }
    for (const part of list(schema['allOf'])) {
      if (isObject(part)) {
        const inner = this.plain(part, depth + 1);
        merged = {
          ...inner,
          ...merged,
          properties: { ...(isObject(inner['properties']) ? inner['properties'] : {}), ...(isObject(merged['properties']) ? merged['properties'] : {}) },
          required: [...list(merged['required']), ...list(inner['required'])],
        };
      }
    }
    for (const key of ['oneOf', 'anyOf']) {
      const forms = list(schema[key]).filter((form): form is Schema => isObject(form) && form['type'] !== 'null' && !('const' in form));
      if (forms.length > 0 && !merged['properties'] && !merged['type']) {
        merged = { ...this.plain(forms[0] as Schema, depth + 1), ...merged };
      }
    }
    return merged;
  }

  private follow(reference: string): Schema | undefined {
    if (!reference.startsWith('#')) {
      return undefined;
    }
    let at: unknown = this.root;
    for (const step of decodeURIComponent(reference.slice(1)).split('/').slice(1)) {
      at = isObject(at) ? at[step.replace(/~1/g, '/').replace(/~0/g, '~')] : undefined;
    }
    return isObject(at) ? at : undefined;
  }

  private label(schema: Schema, key: string): string {
    const title = text(schema['title']);
    return this.pick(schema['label']) || this.split(schema) || (title.startsWith('@') ? '' : title) || key;
  }

  private hint(schema: Schema): string {
    return this.split(schema) ? '' : this.pick(schema['description']);
  }

  /** "日本語\nEnglish" */
  private split(schema: Schema): string {
    const [first, ...rest] = text(schema['description']).split('\n');
    return rest.length > 0 && /[\u2e80-\uffff]/.test(first ?? '') ? (this.language === 'ja' ? (first ?? '') : rest.join(' ')).trim() : '';
  }

  private pick(value: unknown): string {
    if (isObject(value)) {
      return text(value[this.language]) || text(value['en']) || text(value['ja']);
    }
    return text(value);
  }
}

function kindOf(schema: Schema): FieldKind {
  const type = Array.isArray(schema['type']) ? schema['type'].find((one) => one !== 'null') : schema['type'];
  if (type === 'object' || type === 'array' || type === 'number' || type === 'integer' || type === 'string' || type === 'boolean') {
    return type;
  }
  return isObject(schema['properties']) ? 'object' : 'items' in schema ? 'array' : schema['enum'] ? 'string' : 'any';
}

function choicesOf(schema: Schema): string[] {
  const consts = list(schema['oneOf']).filter((form): form is Schema => isObject(form) && 'const' in form);
  return (consts.length > 0 ? consts.map((form) => form['const']) : [...list(schema['enum']), ...('const' in schema ? [schema['const']] : [])])
    .filter((choice) => choice !== null && typeof choice !== 'object')
    .map(String);
}
