// <path-input>: around a text field for the name of a field or a path of the metadata.
import { Suggestions } from '../page/suggestions';
import { suggestPaths } from './search-api';

export class PathInput extends HTMLElement {
  private input: HTMLInputElement | null = null;

  connectedCallback(): void {
    if (this.input) {
      return;
    }
    this.input = this.querySelector('input');
    const input = this.input;
    if (!input) {
      return;
    }
    new Suggestions({
      input,
      label: input.labels?.[0]?.textContent?.trim() ?? '',
      ask: () => suggestPaths(input.value.trim(), () => undefined),
      choose: (suggestion) => {
        input.value = suggestion.value;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
    });
  }
}
