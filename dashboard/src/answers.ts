/** The API's answers, typed by the very schemas that the hive checks them with. Only types: none of it is bundled. */
import type { InferOutput } from 'valibot'
import type * as shapes from '#hive/shapes.ts'
import type { Page } from '#store/store.ts'
import type { Told } from './event.ts'

export type Me = InferOutput<typeof shapes.me>
export type Status = InferOutput<typeof shapes.status>
export type Services = InferOutput<typeof shapes.services>
export type Listener = Services['services'][number]
export type Overview = InferOutput<typeof shapes.overview>
export type Totals = Overview['now']
export type Top = InferOutput<typeof shapes.top>
export type Histogram = InferOutput<typeof shapes.histogram>
export type Places = InferOutput<typeof shapes.places>
export type SessionSummary = InferOutput<typeof shapes.sessionSummary>
export type Session = { summary: SessionSummary; events: Told[] }
export type Source = InferOutput<typeof shapes.source>
export type Table = InferOutput<typeof shapes.table>
export type EventPage = Page<Told>
export type SessionPage = Page<SessionSummary>
