/** What is known, a name and a text a line. */

import type { JSX } from "preact";
import type { Fact } from "../lib/facts";
import { Copy } from "./Copy";

export function FactRows({ facts }: { facts: readonly Fact[] }): JSX.Element {
  return (
    <>
      {facts.map(({ name, text, link, copy }) => [
        <dt key={`${name}-name`}>{name}</dt>,
        <dd key={name} class={copy ? "mono" : ""}>
          {link ? <a href={link} target="_blank" rel="noreferrer">{text}</a> : text} {copy && <Copy text={copy} what={name} />}
        </dd>,
      ])}
    </>
  );
}

export function Facts({ facts }: { facts: readonly Fact[] }): JSX.Element {
  return (
    <dl class="facts">
      <FactRows facts={facts} />
    </dl>
  );
}
