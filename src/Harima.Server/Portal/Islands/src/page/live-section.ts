/**
 * `<live-section id="…">` fetches its page again every few seconds and takes over what stands in it, for as long as it is marked
 * `running`. Nothing is taken over while somebody uses what is inside. With `data-ended` that sentence is read out when it has come to an end.
 */
export class LiveSection extends HTMLElement {
  static readonly everyMs = 2000;

  private timer = 0;
  private readonly said = document.createElement('p');

  connectedCallback(): void {
    this.timer = window.setInterval(() => void this.renew(), LiveSection.everyMs);
    // Beside the section: what is read out must be there before its text is.
    this.said.className = 'visually-hidden';
    this.said.setAttribute('role', 'status');
    this.after(this.said);
  }

  disconnectedCallback(): void {
    window.clearInterval(this.timer);
    this.said.remove();
  }

  private async renew(): Promise<void> {
    if (!this.hasAttribute('running')) {
      window.clearInterval(this.timer);
      return;
    }
    if (document.hidden || this.contains(document.activeElement)) {
      return;
    }
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
      if (!answer.ok) {
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const now = page.getElementById(this.id);
      if (now && !this.contains(document.activeElement)) {
        this.replaceChildren(...now.childNodes);
        this.toggleAttribute('running', now.hasAttribute('running'));
        if (!this.hasAttribute('running')) {
          this.said.textContent = this.dataset['ended'] ?? '';
        }
      }
    } catch {
      // The next round may reach the server again.
    }
  }
}
