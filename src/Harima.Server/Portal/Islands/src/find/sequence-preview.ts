// <sequence-preview data-url>: a picture in place of what stands in it, once it is loaded; fetched only where it is seen.

export class SequencePreview extends HTMLElement {
  connectedCallback(): void {
    const url = this.dataset['url'];
    if (!url || this.querySelector('img')) {
      return;
    }
    const picture = new Image();
    picture.alt = '';
    picture.decoding = 'async';
    picture.addEventListener('load', () => this.replaceChildren(picture));
    new IntersectionObserver((entries, observer) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        picture.src = url;
      }
    }).observe(this);
  }
}
