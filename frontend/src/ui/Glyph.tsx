/** Shapes that tell states apart without their colour; drawn on a grid of 16. */
const PATHS = {
  ring: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11",
  half: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11V13.5M9.5 4v8M11 5v6M12.5 6.5v3",
  dot: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11M8 7v2M7 8h2",
  clock: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11M8 5v3l2 1.5",
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  slash: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11M4.2 11.8l7.6-7.6",
  dash: "M3.5 8h9",
  more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.5l7 4.5l-7 4.5z",
  arrow: "M3 8h9M8.5 4.5L12 8l-3.5 3.5",
  back: "M6.5 4L3 7.5L6.5 11M3 7.5h6.5a3 3 0 0 1 0 6H8",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  pencil: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.8L11.2 7",
  note: "M3 3.5h10v7l-3 3H3zM10 13.5v-3h3M5.5 6.5h5M5.5 9h2.5",
  box: "M8 2.2l5.5 2.9v5.8L8 13.8l-5.5-2.9V5.1zM2.5 5.1L8 8l5.5-2.9M8 8v5.8",
  card: "M2 4h12v8H2zM2 7h12",
  pin: "M8 14s4.5-4.2 4.5-7.5a4.5 4.5 0 0 0-9 0C3.5 9.8 8 14 8 14zM8 5.500v2",
  tag: "M2.5 2.500h5l6 6l-5 5l-6-6zM5.5 5.500v.1",
  sun: "M8 5.500a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5M8 1.500v1.500M8 13v1.500M1.5 8H3M13 8h1.500M3.4 3.400l1 1M11.6 11.600l1 1M3.4 12.600l1-1M11.6 4.400l1-1",
  moon: "M12.8 9.800A5.5 5.5 0 0 1 6.2 3.200A5.5 5.5 0 1 0 12.8 9.800z",
  copy: "M5.5 5.500h7.500v7.500H5.500zM3 10.500V3h7.5",
} as const;

export type GlyphName = keyof typeof PATHS;

export function Glyph({ name, size = 14 }: { name: GlyphName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
