/** The protocol's schemas as JSON Schema, so that there is one definition of every message: src/protocol. */
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import * as account from '../../protocol/account.ts';
import { BundleMessage } from '../../protocol/bundle-message.ts';
import { SnapshotFinish, SnapshotList } from '../../protocol/snapshot-offer.ts';

const MESSAGES = {
  ServerInfo: account.ServerInfo,
  ServerTime: account.ServerTime,
  ClaimRequest: account.ClaimRequest,
  JoinRequest: account.JoinRequest,
  Membership: account.Membership,
  RenewedToken: account.RenewedToken,
  LinkRequest: account.LinkRequest,
  Link: account.Link,
  Device: account.Device,
  DeviceList: account.DeviceList,
  DeviceName: account.DeviceName,
  ApiError: account.ApiError,
  Bundle: BundleMessage,
  BundleIds: account.BundleIds,
  SnapshotList,
  SnapshotFinish,
} satisfies Readonly<Record<string, v.GenericSchema>>;

export type SchemaName = keyof typeof MESSAGES | 'Health' | 'Bundles';

/** What checks written in code come to in JSON Schema, by their messages. A new check has to be entered here. */
const CHECKS: Readonly<Record<string, JsonSchema>> = {
  'not base64': { contentEncoding: 'base64' },
  'not a UUID': { format: 'uuid' },
  'not a timestamp': { pattern: '^[0-9a-f]{32}$' },
};

export const ref = (name: SchemaName): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** Throws for a message that JSON Schema cannot express. */
export function componentSchemas(): Readonly<Record<SchemaName, JsonSchema>> {
  const schemas = Object.fromEntries(Object.entries(MESSAGES).map(([name, schema]) => [name, convert(schema)]));
  return {
    ...(schemas as Record<keyof typeof MESSAGES, JsonSchema>),
    Health: { type: 'object', properties: { ok: { const: true } }, required: ['ok'] },
    Bundles: { type: 'array', items: ref('Bundle') },
  };
}

function convert(schema: v.GenericSchema): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    typeMode: 'input',
    target: 'draft-2020-12',
    overrideAction({ valibotAction, jsonSchema }) {
      // Names lose the spaces around them; that is done, not asked for.
      if (valibotAction.type === 'trim') return jsonSchema;
      if (valibotAction.type !== 'check') return undefined;
      const check = CHECKS[String((valibotAction as { readonly message?: unknown }).message)];
      return check && { ...jsonSchema, ...check };
    },
  });
  return converted;
}
