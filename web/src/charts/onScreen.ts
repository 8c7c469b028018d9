/** Whether an element is on the screen or close to it, and how wide it is. */

import { type RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

const callbacks = new WeakMap<Element, (on: boolean) => void>();
let observer: IntersectionObserver | undefined;

function shared(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) callbacks.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: "160px 0px" },
  );
  return observer;
}

export function useOnScreen(element: RefObject<Element | null>): boolean {
  const [on, setOn] = useState(false);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    callbacks.set(target, setOn);
    shared().observe(target);
    return () => {
      shared().unobserve(target);
      callbacks.delete(target);
    };
  }, []);
  return on;
}

export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    setWidth(Math.floor(target.clientWidth));
    const resized = new ResizeObserver(() => setWidth(Math.floor(target.clientWidth)));
    resized.observe(target);
    return () => resized.disconnect();
  }, []);
  return width;
}
