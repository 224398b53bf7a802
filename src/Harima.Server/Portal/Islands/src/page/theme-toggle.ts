import { h, icon, setText } from './dom';

/** `<theme-toggle data-light data-dark>`: light or dark, remembered for a year; without a choice the system decides. */
export class ThemeToggle extends HTMLElement {
  connectedCallback(): void {
    if (this.firstChild) {
      return;
    }
    const label = h('span', { class: 'visually-hidden' });
    const element = h('button', { type: 'button', class: 'btn btn-ghost btn-icon' }, label);
    const refresh = () => {
      const dark = currentTheme() === 'dark';
      const text = (dark ? this.dataset['light'] : this.dataset['dark']) ?? '';
      element.replaceChildren(icon(dark ? 'sun' : 'moon'), label);
      setText(label, text);
      element.title = text;
    };
    element.addEventListener('click', () => {
      const theme = currentTheme() === 'dark' ? 'light' : 'dark';
      document.cookie = `harima-theme=${theme}; path=/; max-age=31536000; samesite=lax`;
      document.documentElement.dataset['bsTheme'] = theme;
      refresh();
    });
    refresh();
    this.append(element);
  }
}

function currentTheme(): 'light' | 'dark' {
  return document.documentElement.dataset['bsTheme'] === 'dark' ? 'dark' : 'light';
}

/** Until a choice is made the page follows the system, also when the evening switches it. */
export function followSystemTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    if (!document.cookie.includes('harima-theme=')) {
      document.documentElement.dataset['bsTheme'] = dark.matches ? 'dark' : 'light';
    }
  };
  apply();
  dark.addEventListener('change', apply);
}
