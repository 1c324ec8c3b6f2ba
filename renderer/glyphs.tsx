import type { Happening, Shape } from "../electron/view/window-view.js";

/** One outline per state, told apart without colour and at twelve pixels. The words stand beside it. */
export function StateGlyph({ shape, size = 32 }: { shape: Shape; size?: number }) {
  return (
    <svg class={`glyph glyph-${shape}`} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      {SHAPES[shape]()}
    </svg>
  );
}

/** Two feet of one march: beside each other in step, apart out of it. */
const SHAPES: Record<Shape, () => preact.JSX.Element> = {
  running: () => (
    <>
      <circle class="fill" cx="16" cy="16" r="13" />
      <path class="notch" d="M10 16.4l4.3 4.3L22.3 12" />
    </>
  ),
  drifted: () => (
    <>
      <path class="fill" d="M16 2.2L29.8 16 16 29.8 2.2 16z" />
      <path class="notch" d="M10.5 13.3h8M13.5 18.7h8" />
    </>
  ),
  starting: () => (
    <>
      <circle class="track" cx="16" cy="16" r="12" />
      <path class="line turning" d="M16 4a12 12 0 0 1 12 12" />
      <path class="fill" d="M13 10.8v10.4l8-5.2z" />
    </>
  ),
  looking: () => (
    <>
      <circle class="track" cx="16" cy="16" r="12" />
      <path class="line turning" d="M16 4a12 12 0 0 1 12 12" />
    </>
  ),
  draining: () => (
    <>
      <circle class="track" cx="16" cy="16" r="12" />
      <path class="line" d="M4 16a12 12 0 0 0 24 0" />
      <path class="line" d="M16 8v10M11.8 14.2L16 18.4l4.2-4.2" />
    </>
  ),
  unresponsive: () => (
    <>
      <path
        class="fill"
        d="M16 2.6a2 2 0 0 1 1.8 1.1l11.6 22.4a2 2 0 0 1-1.8 2.9H4.4a2 2 0 0 1-1.8-2.9L14.2 3.7A2 2 0 0 1 16 2.6z"
      />
      <path class="notch" d="M16 11v8M16 23.8v.1" />
    </>
  ),
  failed: () => (
    <>
      <path class="fill" d="M10.6 3h10.8L29 10.6v10.8L21.4 29H10.6L3 21.4V10.6z" />
      <path class="notch" d="M11.5 11.5l9 9M20.5 11.5l-9 9" />
    </>
  ),
  stopped: () => <rect class="line" x="5" y="5" width="22" height="22" rx="5" />,
};

export function HappeningGlyph({ sign }: { sign: Happening["sign"] }) {
  return (
    <svg class="sign" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      {SIGNS[sign]()}
    </svg>
  );
}

const SIGNS: Record<Happening["sign"], () => preact.JSX.Element> = {
  restart: () => <path class="line" d="M11.4 5.2A5 5 0 1 0 12 8M11.8 1.8v3.6H8.2" />,
  start: () => <circle class="fill" cx="7" cy="7" r="4" />,
  stop: () => <rect class="line" x="3.2" y="3.2" width="7.6" height="7.6" rx="1.4" />,
  crash: () => <path class="fill" d="M7 1.8L13 12.4H1z" />,
  note: () => <path class="fill" d="M7 2l5 5-5 5-5-5z" />,
};

/** Small signs on buttons; their words are the button's label. */
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
