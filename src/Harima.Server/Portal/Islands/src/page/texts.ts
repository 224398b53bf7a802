// Every word an island shows comes from the server's resources, as a JSON script inside the element.

export class Texts {
  constructor(private readonly texts: Readonly<Record<string, string>>) {}

  static of(element: Element): Texts {
    const script = element.querySelector('script[type="application/json"]');
    return new Texts(script ? (JSON.parse(script.textContent ?? '{}') as Record<string, string>) : {});
  }

  /** The text with `{name}` replaced. A key that is missing shows itself, so that it is noticed. */
  get(key: string, values: Readonly<Record<string, string | number>> = {}): string {
    const text = this.texts[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === 'number' ? integer(value) : value;
    });
  }

  has(key: string): boolean {
    return key in this.texts;
  }
}

const language = () => (typeof document === 'undefined' ? 'en' : document.documentElement.lang || 'en');
const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language() + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(language(), options);
    formats.set(key, found);
  }
  return found;
}

export function integer(value: number): string {
  return format({ maximumFractionDigits: 0 }).format(value);
}

const Units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units, as disks and the tables of the portal count. */
export function bytes(value: number): string {
  let unit = 0;
  let scaled = value;
  while (scaled >= 999.5 && unit < Units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const digits = unit === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(scaled)} ${Units[unit]}`;
}

/** Two units at most: "1 h 20 min", "3 min 5 s", "8 s". */
export function duration(seconds: number, texts: Texts): string {
  const whole = Math.max(1, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'days'],
    [Math.floor(whole / 3600) % 24, 'hours'],
    [Math.floor(whole / 60) % 60, 'minutes'],
    [whole % 60, 'seconds'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => texts.get(unit, { count }))
    .join(' ');
}
