import type { RecentEvent, Shape } from "../electron/view/window-view.js";

/** The state's shape, drawn from the same SVG as the tray icon. It is hidden from screen readers, which read the title. */
export function StateGlyph({ shape, small = false }: { shape: Shape; small?: boolean }) {
  return <span class={`glyph glyph-${shape}${small ? " glyph-small" : ""}`} aria-hidden="true" />;
}

export function EventGlyph({ sign }: { sign: RecentEvent["sign"] }) {
  return (
    <svg class="sign" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      {SIGNS[sign]()}
    </svg>
  );
}

const SIGNS: Record<RecentEvent["sign"], () => preact.JSX.Element> = {
  restart: () => <path class="line" d="M11.4 5.2A5 5 0 1 0 12 8M11.8 1.8v3.6H8.2" />,
  start: () => <circle class="fill" cx="7" cy="7" r="4" />,
  stop: () => <rect class="line" x="3.2" y="3.2" width="7.6" height="7.6" rx="1.4" />,
  crash: () => <path class="fill" d="M7 1.8L13 12.4H1z" />,
  note: () => <path class="fill" d="M7 2l5 5-5 5-5-5z" />,
};

/** The small icons of buttons; screen readers read the button's label. */
export function Icon({ name }: { name: keyof typeof ICONS }) {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      {ICONS[name]()}
    </svg>
  );
}

const ICONS = {
  restart: () => <path class="line" d="M13 6.2A5.3 5.3 0 1 0 13.4 9M13.2 2.6v3.8H9.4" />,
  more: () => (
    <>
      <circle class="fill" cx="3" cy="8" r="1.3" />
      <circle class="fill" cx="8" cy="8" r="1.3" />
      <circle class="fill" cx="13" cy="8" r="1.3" />
    </>
  ),
  close: () => <path class="line" d="M4 4l8 8M12 4l-8 8" />,
  down: () => <path class="line" d="M8 3v9.5M4 8.7l4 4 4-4" />,
  search: () => (
    <>
      <circle class="line" cx="7" cy="7" r="4.2" />
      <path class="line" d="M10.2 10.2L14 14" />
    </>
  ),
} satisfies Record<string, () => preact.JSX.Element>;
