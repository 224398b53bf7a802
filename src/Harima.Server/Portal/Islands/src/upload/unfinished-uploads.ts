import { h, icon } from '../page/dom';
import { Texts } from '../page/texts';
import { forgetUpload, unfinishedUploads } from './unfinished';

/** `<unfinished-uploads>`: on Home, what was begun on this computer and is not complete. */
export class UnfinishedUploads extends HTMLElement {
  connectedCallback(): void {
    const texts = Texts.of(this);
    for (const upload of unfinishedUploads()) {
      const { name, url, finishedCount, fileCount, names } = upload;
      const forget = h('button', { type: 'button', class: 'btn btn-link btn-sm' }, texts.get('forget'));
      const item = h(
        'div',
        { class: 'unfinished' },
        icon('arrowRepeat'),
        h(
          'p',
          {},
          h('a', { href: url }, name),
          ' ',
          texts.get('unfinished', { finished: finishedCount, count: fileCount, names: names.join(', ') }),
        ),
        forget,
      );
      forget.addEventListener('click', () => {
        forgetUpload(url);
        item.remove();
      });
      this.append(item);
    }
  }
}
