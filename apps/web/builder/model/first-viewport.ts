/** Cards can be read from this zoom on. */
const READABLE_ZOOM = 0.75;
const MARGIN = 40;

/** Where the canvas opens: with all in view, or, where that would be too small to read, with the beginning in view. */
export function firstViewport(
  bounds: { x: number; y: number; width: number; height: number },
  frame: { clientWidth: number; clientHeight: number } | null,
): { x: number; y: number; zoom: number } {
  const { clientWidth, clientHeight } = frame ?? { clientWidth: 1_000, clientHeight: 700 };
  const fitting = Math.min(
    (clientWidth - 2 * MARGIN) / Math.max(1, bounds.width),
    (clientHeight - 2 * MARGIN) / Math.max(1, bounds.height),
    1,
  );
  const zoom = Math.max(fitting, READABLE_ZOOM);
  const centred = (room: number, start: number, size: number) =>
    size * zoom > room - 2 * MARGIN ? MARGIN - start * zoom : (room - size * zoom) / 2 - start * zoom;
  return { x: centred(clientWidth, bounds.x, bounds.width), y: centred(clientHeight, bounds.y, bounds.height), zoom };
}
