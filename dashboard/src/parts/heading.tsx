import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { visible } from '../inert.ts'

let first = true

/** A page's title: in the window, at its top, and where the keyboard is after a change of page. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    if (!first) heading.current?.focus({ preventScroll: true })
    first = false
  }, [])
  useEffect(() => {
    document.title = `${visible(title, 60)} · skep`
  }, [title])
  return (
    <div class="title">
      <h1 ref={heading} tabIndex={-1}>
        {visible(title)}
      </h1>
      {children}
    </div>
  )
}
