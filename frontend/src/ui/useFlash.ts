import { useEffect, useRef } from "react";

const FLASH_MS = 1_200;

/** Lights an element up once for every new `cause`, unless its reader prefers that nothing moves. */
export function useFlash(cause: string | undefined) {
  const element = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (cause === undefined || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    element.current?.animate(
      [{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }],
      { duration: FLASH_MS, easing: "ease-out" },
    );
  }, [cause]);
  return element;
}
