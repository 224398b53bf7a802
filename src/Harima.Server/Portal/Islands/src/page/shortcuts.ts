import { Selection } from '../selection/selection';

/** `/` goes to the search field, `?` to the help page (its address stands on the body); never while typing. */
export function listenForShortcuts(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
      return;
    }
    if (event.key === '/') {
      const search = document.querySelector<HTMLInputElement>('input[type=search]');
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === '?' && document.body.dataset['help']) {
      location.assign(document.body.dataset['help']);
    }
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** A form marked data-auto-submit sends itself when one of its fields changes; its button remains for those without script. */
export function submitOnChange(): void {
  addEventListener('change', (event) => {
    const field = event.target;
    if (field instanceof HTMLElement && field.matches('[data-auto-submit] select, [data-auto-submit] input[type=radio]')) {
      field.closest('form')?.requestSubmit();
    }
  });
}

/** `<button data-confirm="…">` asks before its form is sent. */
export function askBeforeSending(): void {
  addEventListener('submit', (event) => {
    const question = event.submitter?.dataset['confirm'];
    if (question && !confirm(question)) {
      event.preventDefault();
    }
  });
}

// The path of the click, not what holds its target now: a list may have been drawn anew by it.
/** Menus made of details elements close when one clicks elsewhere or presses Escape. */
export function closeMenus(): void {
  const close = (except: readonly EventTarget[]) => {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) {
      if (!except.includes(menu)) {
        menu.open = false;
      }
    }
  };
  addEventListener('click', (event) => close(event.composedPath()));
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      const open = document.querySelector<HTMLDetailsElement>('details.menu[open]');
      close([]);
      open?.querySelector('summary')?.focus();
    }
  });
}

/** Where the tabs of a page are more than fit, the one it shows is brought into sight. */
export function showCurrentTab(): void {
  const current = document.querySelector<HTMLElement>('.tabs [aria-current=page]');
  const tabs = current?.closest<HTMLElement>('.tabs');
  if (tabs && current && tabs.scrollWidth > tabs.clientWidth) {
    // Only sideways: the page stays where it is.
    tabs.scrollLeft = current.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
  }
}

/** `<details data-drawer>` is closed on a phone, where it stands above what it narrows, and open where it stands beside it. */
export function openDrawers(): void {
  const wide = matchMedia('(min-width: 960px)');
  const fit = () => {
    for (const drawer of document.querySelectorAll<HTMLDetailsElement>('details[data-drawer]')) {
      drawer.open = wide.matches;
    }
  };
  fit();
  wide.addEventListener('change', fit);
}

/** `<textarea data-selection>` is filled with what is selected in this tab, one name a line. */
export function fillFromSelection(): void {
  const area = document.querySelector<HTMLTextAreaElement>('textarea[data-selection]');
  if (area && area.value.trim() === '') {
    area.value = new Selection(sessionStorage).ids.join('\n');
  }
}
