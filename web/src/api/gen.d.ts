// Made of openapi.json by `npm run types`.
type Json =
  | null
  | boolean
  | number
  | string
  | Json[]
  | {
      [key: string]: Json;
    };
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description An action, as an operator wants to know it. */
    ActionView: {
      /** @description Its name in the manifest. */
      name: string;
      /** @description In plain words. */
      title: string;
      /** @description The capability that it fulfils. */
      capability?: string | null;
      /** @description What it does to the world. */
      effect: components["schemas"]["EffectClass"];
      /** @description Whether it gives something away to a third party. */
      discloses: boolean;
      /** @description What happens if it is sent twice: `natural`, `key`, `none`. */
      idempotency: string;
      /** @description What it acts on. */
      target?: string | null;
      /** @description Whether it can be looked up before the act and after a crash. */
      probe: boolean;
      /** @description How long the effect is waited for; none for what changes nothing. */
      verify_within?: string | null;
      /** @description How it is taken back, in plain words. */
      undo?: string | null;
      /** @description Whether the target itself lifts it. */
      native_expiry: boolean;
      /** @description At most so many in a time: `60 in 1m`. */
      rate_limit?: string | null;
      /** @description JSON Schema of the input. */
      input: Json;
    };
    /** @description A yes. */
    Agree: {
      /** @description Why, in plain words; may be empty. */
      reason: string;
    };
    /** @description A finding to look at. */
    Alert: {
      /** @description Its id. */
      id: components["schemas"]["AlertId"];
      /** @description Whose it is. */
      tenant: components["schemas"]["TenantId"];
      /** @description The rule behind it. */
      rule: components["schemas"]["RuleRef"];
      /** @description How bad. */
      severity: components["schemas"]["Severity"];
      /** @description ATT&CK technique ids, `T1071.001`. */
      techniques: string[];
      /** @description Values seen. */
      observables: components["schemas"]["Observable"][];
      /** @description The mapped fields of the first event. */
      common: Json;
      /** @description The native fields of the first event. */
      fields: Json;
      /** @description The source that delivered the first event. */
      source: string;
      /** @description How far that source is believed. */
      trust: components["schemas"]["Trust"];
      /** @description The events behind it, the first ones up to [`EVENTS_MAX`]. */
      events: components["schemas"]["EventId"][];
      /** @description Hash over rule and entities; the same key within the window is the same alert. */
      dedup_key: string;
      /**
       * Format: int64
       * @description How many times it was seen.
       */
      count: number;
      /** @description When the first event happened. */
      first_seen_at: components["schemas"]["Time"];
      /** @description When the latest event happened. */
      last_seen_at: components["schemas"]["Time"];
      /** @description When we raised it. */
      detected_at: components["schemas"]["Time"];
      incident?: components["schemas"]["IncidentId"] | null;
      /** @description Set where the events are explained by an act of our own; such an alert starts no automatic run. */
      self_caused: boolean;
    };
    AlertId: string;
    /** @description An answer: one of both. */
    Answer: {
      /** @description One of the options of a decision. */
      answer?: string | null;
      /** @description A value for each field of a form. */
      values?: Json | null;
    };
    /** @description A question to people about one plan. */
    Approval: {
      /** @description Its id. */
      id: components["schemas"]["ApprovalId"];
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description The run that waits. */
      run: components["schemas"]["RunId"];
      incident?: components["schemas"]["IncidentId"] | null;
      /** @description The playbook. */
      playbook: string;
      /** @description What would be done. */
      plan: components["schemas"]["Plan"];
      /** @description What a yes binds to. */
      plan_hash: string;
      /** @description Who started the run: a name, or `rule TITLE` for a trigger. */
      requested_by: string;
      /** @description What is asked for. */
      terms: components["schemas"]["ApprovalTerms"];
      /** @description Why the guard asks, per step key. */
      reasons: {
        [key: string]: components["schemas"]["Reason"][];
      };
      /** @description What it would touch. */
      blast_radius: components["schemas"]["BlastRadius"];
      /** @description Where it stands. */
      state: components["schemas"]["ApprovalState"];
      /** @description Who said what. */
      votes: components["schemas"]["Vote"][];
      /** @description When it was asked. */
      asked_at: components["schemas"]["Time"];
      /** @description When it lapses, or goes to those who are asked next. */
      expires_at: components["schemas"]["Time"];
      escalated_at?: components["schemas"]["Time"] | null;
      /** @description Whom: the targets' owners, else the admins. */
      escalated_to?: string[];
      alone_until?: components["schemas"]["Time"] | null;
    };
    ApprovalId: string;
    /**
     * @description Where a question to people stands.
     * @enum {string}
     */
    ApprovalState: "waiting" | "approved" | "denied" | "expired" | "void";
    /** @description What approval is asked for. */
    ApprovalTerms: {
      /**
       * Format: int32
       * @description How many people have to say yes.
       */
      count: number;
      /** @description Whether who requested the run may answer. */
      not_requester: boolean;
      /**
       * @description How long the question stands.
       * @example 1h
       */
      within: string;
      /** @description Who answers has to be in each of these groups; anybody who may decide if there is none. */
      groups?: string[];
      /** @description Whether the targets' owners, else the admins, are asked before it lapses. */
      escalate?: boolean;
    };
    /** @description A yes to one plan. */
    Approve: {
      /** @description The hash of the plan that was looked at. */
      plan_hash: string;
      /** @description Why. */
      reason?: string;
    };
    /** @description One link of the chain. */
    AuditEntry: {
      /**
       * Format: int64
       * @description Number, from 1, without gaps.
       */
      sequence: number;
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description When. */
      at: components["schemas"]["Time"];
      /** @description Who: a person, a token, `guard`, `engine`, `playbook NAME`. */
      actor: string;
      /** @description What: `approval.approve`, `guard.decide`, `containment.undo`, `kill_switch.engage`, … */
      verb: string;
      /** @description Id of the thing it is about. */
      subject: string;
      /** @description The evidence. */
      detail: Json;
      /** @description Hash of the entry before; 64 zeros for the first. */
      previous: string;
      /** @description SHA-256 over the canonical JSON of all of the above. */
      hash: string;
    };
    /** @description What a plan would touch, counted from facts that the engine holds. */
    BlastRadius: {
      /** @description Hosts acted on. */
      hosts: string[];
      /** @description Accounts acted on. */
      users: string[];
      /** @description Addresses acted on. */
      addresses: string[];
      /**
       * Format: int32
       * @description How many acts can be undone.
       */
      reversible: number;
      /**
       * Format: int32
       * @description How many cannot.
       */
      irreversible: number;
      /**
       * Format: int32
       * @description Other open incidents in which a target occurs.
       */
      other_incidents: number;
      /**
       * Format: int32
       * @description Alerts in the last 24 h in which a target occurs.
       */
      alerts_24h: number;
    };
    /** @description Why. */
    Cancel: {
      /** @description In plain words. */
      reason: string;
    };
    /** @description Which way a notice goes. */
    Channel:
      | {
          /** @description Login name. */
          person: string;
          /** @description Their address. */
          to: string;
          /** @enum {string} */
          by: "mail";
        }
      | {
          /** @description Its name. */
          name: string;
          /** @enum {string} */
          by: "webhook";
        };
    /** @description The end of an incident. */
    Close: {
      /** @description The verdict. */
      disposition: components["schemas"]["Disposition"];
      /** @description Why. */
      comment?: string;
    };
    /** @description A comment. */
    Comment: {
      /** @description 1 to 10,000 characters. */
      text: string;
    };
    /** @description A connector instance, or one that the engine answers itself. */
    ConnectorView: {
      /** @description Its name here. */
      name: string;
      /** @description The manifest that it fills. */
      connector: string;
      /** @description In plain words. */
      title: string;
      /** @description What it is, and what it was proven against. */
      description: string;
      /** @description Whether nothing in it is real. */
      practice: boolean;
      /** @description How the target is reached: `http`, `ssh`, `builtin`, … */
      transport: string;
      /** @description Where the target is; empty for what the engine answers. */
      base_url: string;
      /** @description Whether inside addresses may be reached. */
      allow_private: boolean;
      /** @description Where its credential is, `secret:NAME` or `env:NAME`; of a file only that it is one. */
      credential?: string | null;
      /** @description The capabilities that are bound to it. */
      bindings: string[];
      /** @description What of its quotas is used. */
      quota: components["schemas"]["QuotaView"][];
      /** @description What it can do. */
      actions: components["schemas"]["ActionView"][];
    };
    /** @description What one rule of the guard made of an action: every rule has one of these, those that were silent too. */
    Considered: {
      /** @description The rule, as in [`Reason::rule`]. */
      rule: string;
      /** @description What it says. */
      ruling: components["schemas"]["Ruling"];
      /** @description Why, in plain words; of a silent rule, what it is for. */
      text: string;
    };
    /** @description Where somebody is reached. */
    Contact: {
      /** @description Where notices go; null if nowhere. */
      email?: string | null;
      /** @description In which time zone they are written, as in `Europe/Berlin`; UTC if null. */
      time_zone?: string | null;
    };
    /** @description One act in the ledger. */
    Containment: {
      /** @description Its id. */
      id: components["schemas"]["ContainmentId"];
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description The run that acted. */
      run: components["schemas"]["RunId"];
      incident?: components["schemas"]["IncidentId"] | null;
      /** @description What was done. */
      action: components["schemas"]["PlannedAction"];
      /** @description What it acts on. */
      target: components["schemas"]["Observable"];
      /** @description Whether the effect was there before we acted; then undo leaves it. */
      prior: boolean;
      /** @description What the target returned. */
      output: Json;
      /** @description Where it stands. */
      state: components["schemas"]["ContainmentState"];
      /** @description In plain words, why it stands so. */
      note: string;
      /** @description Who let it happen: an approval, or the guard in mode auto. */
      authorised_by: string;
      /** @description When the intent was written. */
      intended_at: components["schemas"]["Time"];
      verified_at?: components["schemas"]["Time"] | null;
      expires_at?: components["schemas"]["Time"] | null;
      undone_at?: components["schemas"]["Time"] | null;
      /** @description Who asked for the undo: a name, or `expiry`. */
      undone_by?: string | null;
      /**
       * Format: int32
       * @description How often it came back at the target after it was undone, and was undone once more.
       */
      came_back?: number;
      checked_at?: components["schemas"]["Time"] | null;
      drift?: components["schemas"]["Drift"] | null;
    };
    ContainmentId: string;
    /**
     * @description Where a containment stands.
     * @enum {string}
     */
    ContainmentState:
      "intended" | "accepted" | "verified" | "unverified" | "unknown" | "failed" | "undoing" | "undone" | "undo_failed";
    /** @description What to make. */
    Create: {
      /** @description Its name, unique. */
      name: string;
      /** @description What it is for. */
      scope: components["schemas"]["TokenScope"];
    };
    /** @description A group to make. */
    CreateGroup: {
      /** @description Its name: small letters, digits and `-`. */
      name: string;
    };
    /** @description Somebody to add. */
    CreatePerson: {
      /** @description Login name, unique. */
      name: string;
      /** @description At least 12 characters. */
      password: string;
      /** @description What they may do. */
      role: components["schemas"]["Role"];
    };
    /** @description What was made. */
    Created: {
      /** @description What is kept. */
      token: components["schemas"]["Token"];
      /** @description The secret; nobody can show it again. */
      secret: string;
    };
    /** @description A record that could not be read. */
    DeadLetter: {
      /**
       * Format: int64
       * @description Its number.
       */
      id: number;
      /** @description The source that delivered it. */
      source: string;
      /**
       * Format: int32
       * @description Its line in the delivery, from 1; 0 where there was none.
       */
      line: number;
      /** @description When it came. */
      at: components["schemas"]["Time"];
      /** @description What was expected and found. */
      reason: string;
      /** @description The record, at most 4 KiB of it. */
      raw: string;
    };
    /** @description The guard's answer. */
    Decision:
      | {
          /** @description What was considered. */
          reasons: components["schemas"]["Reason"][];
          /** @enum {string} */
          verdict: "allow";
        }
      | {
          /** @description What is asked for. */
          terms: components["schemas"]["ApprovalTerms"];
          /** @description Why. */
          reasons: components["schemas"]["Reason"][];
          /** @enum {string} */
          verdict: "ask";
        }
      | {
          /** @description When to ask again; sooner if something that it rests on has changed. */
          until: components["schemas"]["Time"];
          /** @description Why. */
          reasons: components["schemas"]["Reason"][];
          /** @enum {string} */
          verdict: "hold";
        }
      | {
          /** @description Why. */
          reasons: components["schemas"]["Reason"][];
          /** @enum {string} */
          verdict: "refuse";
        };
    /** @description One's votes, to give to somebody. */
    Delegate: {
      /** @description Login name of whoever answers. */
      to: string;
      since?: components["schemas"]["Time"] | null;
      /** @description Until when, at most 90 days later. */
      until: components["schemas"]["Time"];
      /** @description Why; mandatory. */
      reason: string;
    };
    /** @description One person's votes, given to another for a time. Who was given them cannot give them on. */
    Delegation: {
      /** @description Its id. */
      id: components["schemas"]["DelegationId"];
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description Login name of whoever is away. */
      from: string;
      /** @description Login name of whoever answers for them. */
      to: string;
      /** @description From when on. */
      since: components["schemas"]["Time"];
      /** @description Until when. */
      until: components["schemas"]["Time"];
      /** @description Why. */
      reason: string;
      /** @description When it was given. */
      created_at: components["schemas"]["Time"];
      ended_at?: components["schemas"]["Time"] | null;
    };
    DelegationId: string;
    /** @description A no. */
    Deny: {
      /** @description Why; mandatory. */
      reason: string;
    };
    /** @description One thing that is different. */
    Difference: {
      /** @description What kind of thing: `on`, `max_mode`, `do`, `ask`, `if`, … */
      what: string;
      /** @description Which one: the step's id, or what it does. */
      at: string;
      /** @description Before; none if it was not there. */
      before?: string | null;
      /** @description After; none if it is not there any more. */
      after?: string | null;
    };
    /**
     * @description The analyst's verdict.
     * @enum {string}
     */
    Disposition: "true_positive" | "benign_trigger" | "false_positive" | "duplicate";
    /** @description A text to keep as a draft. */
    Draft: {
      /** @description The whole playbook. */
      text: string;
      /** @description Why, in plain words. */
      note?: string;
    };
    /** @description A draft that was kept. */
    Drafted: components["schemas"]["Version"] & {
      /** @description What was found, none of which stops it. */
      findings: Json[];
    };
    /** @description A difference between ledger and target, as the reconciler found it. */
    Drift: {
      /** @description In what way. */
      kind: components["schemas"]["DriftKind"];
      /** @description Since when it has been seen. */
      since: components["schemas"]["Time"];
      /** @description In plain words. */
      note: string;
    };
    /**
     * @description In what way a target differs from the ledger.
     * @enum {string}
     */
    DriftKind: "missing" | "still_there" | "unreadable";
    /** @description One arrow of the picture. */
    EdgeView: {
      /** @description Node id. */
      from: string;
      /** @description Node id. */
      to: string;
      /** @description `yes`, `no`, or empty. */
      label: string;
    };
    /**
     * @description What an action does to the world.
     * @enum {string}
     */
    EffectClass: "read" | "reversible" | "irreversible";
    EventId: string;
    /** @description An answer that a plan rests on. */
    Evidence: {
      /** @description Where in the run. */
      key: components["schemas"]["StepKey"];
      /** @description What was asked. */
      name: string;
      /** @description What came back. */
      output: Json;
    };
    /** @description What the guard considered when it decided about a step, as it was then. */
    Explanation: {
      /** @description The run. */
      run: components["schemas"]["RunId"];
      /** @description The step's key. */
      step: string;
      /** @description The action, by its name. */
      action: string;
      target?: components["schemas"]["Observable"] | null;
      /** @description When. */
      at: components["schemas"]["Time"];
      /** @description What came of it. */
      ruling: components["schemas"]["Ruling"];
      /** @description Every rule, in the order in which they are asked, those that were silent too. */
      considered: components["schemas"]["Considered"][];
    };
    /** @description The first administrator. */
    FirstAdministrator: {
      /** @description From the one-time link. */
      token: string;
      /** @description Login name. */
      name: string;
      /** @description At least 12 characters. */
      password: string;
    };
    /** @description What to plan or run for. */
    For: {
      /**
       * @description An alert's id; for a plan also an object in the shape of `alert` in expressions. A playbook that is
       *     not about an alert needs none.
       */
      alert?: Json | null;
      /** @description What the playbook asks for in its `inputs`. */
      inputs?: Json;
    };
    /** @description A playbook as a picture. */
    GraphView: {
      /** @description The steps, and `start`. */
      nodes: components["schemas"]["NodeView"][];
      /** @description What follows what. */
      edges: components["schemas"]["EdgeView"][];
    };
    /** @description People who can be asked together, by login name. */
    Group: {
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description Its name, unique in the tenant: `responders`. */
      name: string;
      /** @description Login names, in order. */
      members: string[];
      /** @description Since when. */
      created_at: components["schemas"]["Time"];
    };
    /** @description Whether the server is well. */
    Health: {
      /** @description `ok`. */
      status: string;
      /** @description Of this build. */
      version: string;
      /** @description Whether acts are stopped. */
      kill_switch: boolean;
      /** @description Whether this process runs the practice target. */
      lab: boolean;
      restored?: components["schemas"]["Restored"] | null;
    };
    /** @description What people work on. */
    Incident: {
      /** @description Its id. */
      id: components["schemas"]["IncidentId"];
      /** @description Whose it is. */
      tenant: components["schemas"]["TenantId"];
      /** @description From the first alert. */
      title: string;
      /** @description The highest of its alerts. */
      severity: components["schemas"]["Severity"];
      /** @description Where the work stands. */
      status: components["schemas"]["IncidentStatus"];
      disposition?: components["schemas"]["Disposition"] | null;
      /** @description ATT&CK technique ids of its alerts. */
      techniques: string[];
      /** @description Values seen in its alerts. */
      observables: components["schemas"]["Observable"][];
      /** @description The entities that alerts were grouped by (`host:ws-01`, `ip:203.0.113.7`). */
      entities: string[];
      /**
       * Format: int64
       * @description How many alerts it holds.
       */
      alert_count: number;
      /** @description Its alerts, the first ones up to [`ALERTS_MAX`]. */
      alerts: components["schemas"]["AlertId"][];
      /** @description Who works on it: the first person who took, opened or decided anything of it. */
      owner?: string | null;
      /** @description When the earliest event happened. */
      occurred_at: components["schemas"]["Time"];
      /** @description When the first alert was raised. */
      detected_at: components["schemas"]["Time"];
      acknowledged_at?: components["schemas"]["Time"] | null;
      contained_at?: components["schemas"]["Time"] | null;
      closed_at?: components["schemas"]["Time"] | null;
      /** @description When anything last changed. */
      updated_at: components["schemas"]["Time"];
    };
    IncidentId: string;
    /**
     * @description Where the work stands.
     * @enum {string}
     */
    IncidentStatus: "new" | "acknowledged" | "contained" | "closed";
    /** @description An incident with everything around it. */
    IncidentView: {
      incident: components["schemas"]["Incident"];
      alerts: components["schemas"]["Alert"][];
      timeline: components["schemas"]["TimelineEntry"][];
      runs: components["schemas"]["RunHead"][];
      approvals: components["schemas"]["Approval"][];
      containments: components["schemas"]["Containment"][];
    };
    /** @description A page of items. */
    Items_Alert: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["AlertId"];
        /** @description Whose it is. */
        tenant: components["schemas"]["TenantId"];
        /** @description The rule behind it. */
        rule: components["schemas"]["RuleRef"];
        /** @description How bad. */
        severity: components["schemas"]["Severity"];
        /** @description ATT&CK technique ids, `T1071.001`. */
        techniques: string[];
        /** @description Values seen. */
        observables: components["schemas"]["Observable"][];
        /** @description The mapped fields of the first event. */
        common: Json;
        /** @description The native fields of the first event. */
        fields: Json;
        /** @description The source that delivered the first event. */
        source: string;
        /** @description How far that source is believed. */
        trust: components["schemas"]["Trust"];
        /** @description The events behind it, the first ones up to [`EVENTS_MAX`]. */
        events: components["schemas"]["EventId"][];
        /** @description Hash over rule and entities; the same key within the window is the same alert. */
        dedup_key: string;
        /**
         * Format: int64
         * @description How many times it was seen.
         */
        count: number;
        /** @description When the first event happened. */
        first_seen_at: components["schemas"]["Time"];
        /** @description When the latest event happened. */
        last_seen_at: components["schemas"]["Time"];
        /** @description When we raised it. */
        detected_at: components["schemas"]["Time"];
        incident?: components["schemas"]["IncidentId"] | null;
        /** @description Set where the events are explained by an act of our own; such an alert starts no automatic run. */
        self_caused: boolean;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Approval: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["ApprovalId"];
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description The run that waits. */
        run: components["schemas"]["RunId"];
        incident?: components["schemas"]["IncidentId"] | null;
        /** @description The playbook. */
        playbook: string;
        /** @description What would be done. */
        plan: components["schemas"]["Plan"];
        /** @description What a yes binds to. */
        plan_hash: string;
        /** @description Who started the run: a name, or `rule TITLE` for a trigger. */
        requested_by: string;
        /** @description What is asked for. */
        terms: components["schemas"]["ApprovalTerms"];
        /** @description Why the guard asks, per step key. */
        reasons: {
          [key: string]: components["schemas"]["Reason"][];
        };
        /** @description What it would touch. */
        blast_radius: components["schemas"]["BlastRadius"];
        /** @description Where it stands. */
        state: components["schemas"]["ApprovalState"];
        /** @description Who said what. */
        votes: components["schemas"]["Vote"][];
        /** @description When it was asked. */
        asked_at: components["schemas"]["Time"];
        /** @description When it lapses, or goes to those who are asked next. */
        expires_at: components["schemas"]["Time"];
        escalated_at?: components["schemas"]["Time"] | null;
        /** @description Whom: the targets' owners, else the admins. */
        escalated_to?: string[];
        alone_until?: components["schemas"]["Time"] | null;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_AuditEntry: {
      /** @description The items. */
      items: {
        /**
         * Format: int64
         * @description Number, from 1, without gaps.
         */
        sequence: number;
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description When. */
        at: components["schemas"]["Time"];
        /** @description Who: a person, a token, `guard`, `engine`, `playbook NAME`. */
        actor: string;
        /** @description What: `approval.approve`, `guard.decide`, `containment.undo`, `kill_switch.engage`, … */
        verb: string;
        /** @description Id of the thing it is about. */
        subject: string;
        /** @description The evidence. */
        detail: Json;
        /** @description Hash of the entry before; 64 zeros for the first. */
        previous: string;
        /** @description SHA-256 over the canonical JSON of all of the above. */
        hash: string;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_ConnectorView: {
      /** @description The items. */
      items: {
        /** @description Its name here. */
        name: string;
        /** @description The manifest that it fills. */
        connector: string;
        /** @description In plain words. */
        title: string;
        /** @description What it is, and what it was proven against. */
        description: string;
        /** @description Whether nothing in it is real. */
        practice: boolean;
        /** @description How the target is reached: `http`, `ssh`, `builtin`, … */
        transport: string;
        /** @description Where the target is; empty for what the engine answers. */
        base_url: string;
        /** @description Whether inside addresses may be reached. */
        allow_private: boolean;
        /** @description Where its credential is, `secret:NAME` or `env:NAME`; of a file only that it is one. */
        credential?: string | null;
        /** @description The capabilities that are bound to it. */
        bindings: string[];
        /** @description What of its quotas is used. */
        quota: components["schemas"]["QuotaView"][];
        /** @description What it can do. */
        actions: components["schemas"]["ActionView"][];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Containment: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["ContainmentId"];
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description The run that acted. */
        run: components["schemas"]["RunId"];
        incident?: components["schemas"]["IncidentId"] | null;
        /** @description What was done. */
        action: components["schemas"]["PlannedAction"];
        /** @description What it acts on. */
        target: components["schemas"]["Observable"];
        /** @description Whether the effect was there before we acted; then undo leaves it. */
        prior: boolean;
        /** @description What the target returned. */
        output: Json;
        /** @description Where it stands. */
        state: components["schemas"]["ContainmentState"];
        /** @description In plain words, why it stands so. */
        note: string;
        /** @description Who let it happen: an approval, or the guard in mode auto. */
        authorised_by: string;
        /** @description When the intent was written. */
        intended_at: components["schemas"]["Time"];
        verified_at?: components["schemas"]["Time"] | null;
        expires_at?: components["schemas"]["Time"] | null;
        undone_at?: components["schemas"]["Time"] | null;
        /** @description Who asked for the undo: a name, or `expiry`. */
        undone_by?: string | null;
        /**
         * Format: int32
         * @description How often it came back at the target after it was undone, and was undone once more.
         */
        came_back?: number;
        checked_at?: components["schemas"]["Time"] | null;
        drift?: components["schemas"]["Drift"] | null;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_DeadLetter: {
      /** @description The items. */
      items: {
        /**
         * Format: int64
         * @description Its number.
         */
        id: number;
        /** @description The source that delivered it. */
        source: string;
        /**
         * Format: int32
         * @description Its line in the delivery, from 1; 0 where there was none.
         */
        line: number;
        /** @description When it came. */
        at: components["schemas"]["Time"];
        /** @description What was expected and found. */
        reason: string;
        /** @description The record, at most 4 KiB of it. */
        raw: string;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Delegation: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["DelegationId"];
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description Login name of whoever is away. */
        from: string;
        /** @description Login name of whoever answers for them. */
        to: string;
        /** @description From when on. */
        since: components["schemas"]["Time"];
        /** @description Until when. */
        until: components["schemas"]["Time"];
        /** @description Why. */
        reason: string;
        /** @description When it was given. */
        created_at: components["schemas"]["Time"];
        ended_at?: components["schemas"]["Time"] | null;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Explanation: {
      /** @description The items. */
      items: {
        /** @description The run. */
        run: components["schemas"]["RunId"];
        /** @description The step's key. */
        step: string;
        /** @description The action, by its name. */
        action: string;
        target?: components["schemas"]["Observable"] | null;
        /** @description When. */
        at: components["schemas"]["Time"];
        /** @description What came of it. */
        ruling: components["schemas"]["Ruling"];
        /** @description Every rule, in the order in which they are asked, those that were silent too. */
        considered: components["schemas"]["Considered"][];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Group: {
      /** @description The items. */
      items: {
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description Its name, unique in the tenant: `responders`. */
        name: string;
        /** @description Login names, in order. */
        members: string[];
        /** @description Since when. */
        created_at: components["schemas"]["Time"];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Incident: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["IncidentId"];
        /** @description Whose it is. */
        tenant: components["schemas"]["TenantId"];
        /** @description From the first alert. */
        title: string;
        /** @description The highest of its alerts. */
        severity: components["schemas"]["Severity"];
        /** @description Where the work stands. */
        status: components["schemas"]["IncidentStatus"];
        disposition?: components["schemas"]["Disposition"] | null;
        /** @description ATT&CK technique ids of its alerts. */
        techniques: string[];
        /** @description Values seen in its alerts. */
        observables: components["schemas"]["Observable"][];
        /** @description The entities that alerts were grouped by (`host:ws-01`, `ip:203.0.113.7`). */
        entities: string[];
        /**
         * Format: int64
         * @description How many alerts it holds.
         */
        alert_count: number;
        /** @description Its alerts, the first ones up to [`ALERTS_MAX`]. */
        alerts: components["schemas"]["AlertId"][];
        /** @description Who works on it: the first person who took, opened or decided anything of it. */
        owner?: string | null;
        /** @description When the earliest event happened. */
        occurred_at: components["schemas"]["Time"];
        /** @description When the first alert was raised. */
        detected_at: components["schemas"]["Time"];
        acknowledged_at?: components["schemas"]["Time"] | null;
        contained_at?: components["schemas"]["Time"] | null;
        closed_at?: components["schemas"]["Time"] | null;
        /** @description When anything last changed. */
        updated_at: components["schemas"]["Time"];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Notice: {
      /** @description The items. */
      items: {
        /** @description Its id: the same for each repetition, so that a receiver can tell one. */
        id: components["schemas"]["NoticeId"];
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description What happened. */
        event: components["schemas"]["NoticeEvent"];
        /** @description Id of the thing it is about. */
        subject: string;
        /** @description Which way it goes. */
        channel: components["schemas"]["Channel"];
        /** @description In one line. */
        title: string;
        /** @description Plain text. */
        text: string;
        /** @description Where the thing can be looked at; opening it decides nothing. */
        link: string;
        /** @description Where it stands. */
        state: components["schemas"]["NoticeState"];
        /**
         * Format: int32
         * @description How often it was tried.
         */
        tries: number;
        /** @description When it was written. */
        created_at: components["schemas"]["Time"];
        /** @description When it is tried next. */
        due_at: components["schemas"]["Time"];
        sent_at?: components["schemas"]["Time"] | null;
        /** @description Why it was not taken the last time; empty if it was. */
        error: string;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_PlaybookView: {
      /** @description The items. */
      items: {
        /** @description Its name. */
        name: string;
        /** @description In plain words. */
        title: string;
        /** @description What it is for. */
        description: string;
        /** @description How far it is trusted here. */
        mode: components["schemas"]["Mode"];
        /** @description How far it may ever be trusted. */
        max_mode: components["schemas"]["Mode"];
        /** @description SHA-256 of its text. */
        digest: string;
        /** @description The alerts that start it; none if only people do. */
        on?: string | null;
        /** @description Why it cannot run here; empty if it can. */
        unbound: string[];
        /** @description Whether every act goes to the practice target. */
        practice: boolean;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Proposal: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["ProposalId"];
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description What would be changed. */
        what: components["schemas"]["Proposed"];
        /** @description What that comes to, in plain words. */
        changes: string[];
        /** @description Who wants it: a login name, or `configuration` for a file that was changed. */
        proposed_by: string;
        /** @description Why. */
        reason: string;
        /** @description When. */
        proposed_at: components["schemas"]["Time"];
        /** @description Who said what, whoever proposed it among them. */
        votes: components["schemas"]["Vote"][];
        /**
         * Format: int32
         * @description How many different people have to want it.
         */
        people: number;
        /**
         * @description How long it takes from then on until it is in force.
         * @example 24h
         */
        delay: string;
        /** @description Whether fewer people exist than are asked for: then a day at least takes their place. */
        alone: boolean;
        /** @description Where it stands. */
        state: components["schemas"]["ProposalState"];
        /** @description When it lapses if not enough people want it; from then on when it is in force. */
        due_at: components["schemas"]["Time"];
        ended_at?: components["schemas"]["Time"] | null;
        /** @description Why it ended, in plain words; empty if it is in force or stands. */
        note: string;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Question: {
      /** @description The items. */
      items: {
        /** @description `RUN/STEP`. */
        id: string;
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description The run that waits. */
        run: components["schemas"]["RunId"];
        /** @description The step that asks. */
        step: components["schemas"]["StepKey"];
        incident?: components["schemas"]["IncidentId"] | null;
        /** @description The playbook's title. */
        title: string;
        /** @description The question. */
        text: string;
        /** @description The answers to choose from; none for a form. */
        options: string[];
        /** @description The answer if nobody answers; empty for a form. */
        otherwise: string;
        /** @description JSON Schema of what a form is filled in with. */
        form?: Json | null;
        /** @description What a form was filled in with. */
        values?: Json | null;
        /** @description The group that is asked; everybody who may if there is none. */
        group?: string | null;
        /** @description Where it stands. */
        state: components["schemas"]["QuestionState"];
        /** @description The answer. */
        answer?: string | null;
        /** @description Who answered. */
        by?: string | null;
        /** @description When it was asked. */
        asked_at: components["schemas"]["Time"];
        /** @description When it lapses. */
        expires_at: components["schemas"]["Time"];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_RunHead: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["RunId"];
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description The playbook. */
        playbook: string;
        /** @description SHA-256 of the playbook's text. */
        playbook_digest: string;
        /** @description How far the playbook was trusted when the run started. */
        mode: components["schemas"]["Mode"];
        incident?: components["schemas"]["IncidentId"] | null;
        alert?: components["schemas"]["AlertId"] | null;
        /** @description Who started it: a name, or `rule TITLE`. */
        requested_by: string;
        /** @description Where it stands. */
        state: components["schemas"]["RunState"];
        /** @description In plain words, why it stands so. */
        note: string;
        /** @description When it started. */
        started_at: components["schemas"]["Time"];
        ended_at?: components["schemas"]["Time"] | null;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_SecretView: {
      /** @description The items. */
      items: {
        /** @description Its name. */
        name: string;
        /**
         * Format: int32
         * @description Which of its values is in force.
         */
        version: number;
        /**
         * Format: int32
         * @description The value before it, kept until this one is confirmed.
         */
        previous?: number | null;
        /** @description What it is for. */
        purpose: components["schemas"]["Purpose"];
        /** @description Who set the value in force. */
        set_by: string;
        /** @description When. */
        set_at: components["schemas"]["Time"];
        /** @description The connector instances that have it as their credential. */
        used_by: string[];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_SourceStatus: {
      /** @description The items. */
      items: {
        /** @description Its name. */
        name: string;
        /** @description How far it is believed. */
        trust: string;
        /**
         * Format: int64
         * @description Events acknowledged and processed.
         */
        events: number;
        /**
         * Format: int64
         * @description Records that could not be read.
         */
        dead_letters: number;
        last_event_at?: components["schemas"]["Time"] | null;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Token: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["TokenId"];
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description Its name, unique in the tenant; the actor in the audit. */
        name: string;
        /** @description What it is for. */
        scope: components["schemas"]["TokenScope"];
        owner?: components["schemas"]["UserId"] | null;
        /** @description Since when. */
        created_at: components["schemas"]["Time"];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_UnknownOutcome: {
      /** @description The items. */
      items: {
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description The run that acted. */
        run: components["schemas"]["RunId"];
        /** @description The step that did. */
        step: components["schemas"]["StepKey"];
        /** @description The playbook. */
        playbook: string;
        incident?: components["schemas"]["IncidentId"] | null;
        /** @description The act. */
        action: components["schemas"]["PlannedAction"];
        /** @description Why nobody knows. */
        why: string;
        /** @description Since when. */
        at: components["schemas"]["Time"];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_User: {
      /** @description The items. */
      items: {
        /** @description Its id. */
        id: components["schemas"]["UserId"];
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description Login name, unique in the tenant. */
        name: string;
        /** @description What they may do. */
        role: components["schemas"]["Role"];
        /** @description Where notices go; none if nowhere. */
        email?: string | null;
        /** @description The time zone that notices are written in, as in `Europe/Berlin`; UTC if absent. */
        time_zone?: string | null;
        /** @description Since when. */
        created_at: components["schemas"]["Time"];
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description A page of items. */
    Items_Version: {
      /** @description The items. */
      items: {
        /** @description Whose. */
        tenant: components["schemas"]["TenantId"];
        /** @description The playbook's name. */
        playbook: string;
        /**
         * Format: int32
         * @description Its number, from 1.
         */
        number: number;
        /** @description SHA-256 of the text. */
        digest: string;
        /** @description Where it comes from. */
        origin: components["schemas"]["Origin"];
        /** @description Who wrote it: a login name, or `content` for what came with the program or its folders. */
        author: string;
        /** @description Why, in plain words. */
        note: string;
        /** @description The file, below the folder that is followed. */
        path?: string | null;
        /** @description The commit that was checked out when it was read. */
        commit?: string | null;
        /** @description Where it stands. */
        state: components["schemas"]["VersionState"];
        /** @description What reviewers said. */
        reviews: components["schemas"]["Vote"][];
        alone_until?: components["schemas"]["Time"] | null;
        /** @description When it was written, or first read. */
        created_at: components["schemas"]["Time"];
        published_at?: components["schemas"]["Time"] | null;
        /** @description Who put it in force. */
        published_by?: string | null;
        mode?: components["schemas"]["Mode"] | null;
      }[];
      /** @description The cursor of the next page; null on the last. */
      next?: string | null;
    };
    /** @description One record of a run's journal. `payload` is the machine's event, versioned by `v`. */
    JournalEntry: {
      /** @description The run. */
      run: components["schemas"]["RunId"];
      /**
       * Format: int64
       * @description Number in the run, from 0, without gaps.
       */
      sequence: number;
      /** @description When it was written. */
      at: components["schemas"]["Time"];
      /**
       * Format: int32
       * @description Version of the payload's shape.
       */
      v: number;
      /** @description The event. */
      payload: Json;
    };
    /** @description Whether acts are stopped. */
    KillSwitch: {
      /** @description Whether it is engaged. */
      engaged: boolean;
      /** @description Who moved it last. */
      by?: string | null;
      /** @description Why. */
      reason?: string | null;
      at?: components["schemas"]["Time"] | null;
      /**
       * Format: int64
       * @description How often what the guard rests on has changed.
       */
      epoch: number;
    };
    /** @description Whether acts are stopped, and what was under way. */
    KillSwitchView: components["schemas"]["KillSwitch"] & {
      /** @description Acts whose intent was on disk before, and whose outcome is not known yet: `run/step`. */
      in_flight: string[];
    };
    /** @description What the measures page shows. */
    Measures: {
      /**
       * Format: int32
       * @description How many days back.
       */
      days: number;
      /**
       * Format: int64
       * @description Incidents detected in them.
       */
      incidents: number;
      /**
       * Format: int64
       * @description Those not closed yet.
       */
      open: number;
      /**
       * Format: int64
       * @description Alerts that they hold.
       */
      alerts: number;
      /** @description From the earliest event to the first alert. */
      time_to_detect: components["schemas"]["Times"];
      /** @description From the first alert to a person's first look. */
      time_to_acknowledge: components["schemas"]["Times"];
      /** @description From the first alert to the first verified containment. */
      time_to_contain: components["schemas"]["Times"];
      /** @description Of the contained ones, those contained without a person's approval. */
      automated: components["schemas"]["Share"];
      /** @description Of all incidents, those contained. */
      contained: components["schemas"]["Share"];
      /** @description How many were closed with which verdict; each word is there, 0 included. */
      dispositions: {
        [key: string]: number;
      };
    };
    /** @description Somebody to put into a group. */
    Member: {
      /** @description Login name. */
      person: string;
    };
    /**
     * @description How far a playbook is trusted.
     * @enum {string}
     */
    Mode: "shadow" | "assist" | "auto";
    /** @description How far it is trusted. */
    ModeView: {
      /** @description The mode. */
      mode: components["schemas"]["Mode"];
    };
    /** @description One node of the picture. */
    NodeView: {
      /** @description The step's id; `start` for the entry. */
      id: string;
      /** @description `do`, `if`, … */
      kind: string;
      /** @description In plain words. */
      title: string;
      /**
       * Format: int32
       * @description Line in the playbook, from 1.
       */
      line: number;
      /** @description Where it stands; `pending` in a playbook that does not run. */
      state: components["schemas"]["StepState"];
      /** @description In plain words, why it stands so. */
      note: string;
    };
    /** @description One notice to one receiver. */
    Notice: {
      /** @description Its id: the same for each repetition, so that a receiver can tell one. */
      id: components["schemas"]["NoticeId"];
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description What happened. */
      event: components["schemas"]["NoticeEvent"];
      /** @description Id of the thing it is about. */
      subject: string;
      /** @description Which way it goes. */
      channel: components["schemas"]["Channel"];
      /** @description In one line. */
      title: string;
      /** @description Plain text. */
      text: string;
      /** @description Where the thing can be looked at; opening it decides nothing. */
      link: string;
      /** @description Where it stands. */
      state: components["schemas"]["NoticeState"];
      /**
       * Format: int32
       * @description How often it was tried.
       */
      tries: number;
      /** @description When it was written. */
      created_at: components["schemas"]["Time"];
      /** @description When it is tried next. */
      due_at: components["schemas"]["Time"];
      sent_at?: components["schemas"]["Time"] | null;
      /** @description Why it was not taken the last time; empty if it was. */
      error: string;
    };
    /**
     * @description What happened.
     * @enum {string}
     */
    NoticeEvent: "asked" | "escalated" | "lapsing" | "alone" | "unknown" | "proposed";
    NoticeId: string;
    /**
     * @description Where a notice stands.
     * @enum {string}
     */
    NoticeState: "waiting" | "sent" | "dead";
    /** @description A value seen in an event, in canonical form. */
    Observable: {
      /** @description What kind of value it is. */
      kind: components["schemas"]["ObservableKind"];
      /** @description The canonical value; see [`canonical`]. */
      value: string;
    };
    /**
     * @description What kind of value it is; the words follow STIX 2.1 cyber-observable objects.
     * @enum {string}
     */
    ObservableKind: "ip" | "domain" | "url" | "file_hash" | "email_address" | "user" | "host" | "process" | "ticket";
    /**
     * @description Where a version comes from.
     * @enum {string}
     */
    Origin: "content" | "draft" | "follow";
    /**
     * @description A calendar period, UTC.
     * @enum {string}
     */
    Period: "day" | "month";
    /**
     * @description The actions a run would take from where it stands to the next point that depends on the
     *     outcome of one of them, or on an answer of a person.
     */
    Plan: {
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description The playbook. */
      playbook: string;
      /** @description SHA-256 of the playbook's text. */
      playbook_digest: string;
      /** @description SHA-256 of the texts of the playbooks that are planned through because they are called, by name. */
      called?: {
        [key: string]: string;
      };
      /** @description The actions that change something, in the order in which the run reaches them. */
      actions: components["schemas"]["PlannedAction"][];
      /** @description What was read to get here: (action name, digest of the answer). Not part of the hash. */
      evidence: components["schemas"]["Evidence"][];
      /** @description Where planning had to stop, in plain words; none if it reached the end. */
      stops_at?: string | null;
    };
    /** @description A plan with what the guard thinks of it now. */
    PlanView: {
      /** @description The plan. */
      plan: components["schemas"]["Plan"];
      /** @description What an approval would bind to. */
      plan_hash: string;
      /** @description What the guard would decide now, in the order of the actions. */
      decisions: components["schemas"]["PlannedDecision"][];
      /** @description What it would touch. */
      blast_radius: components["schemas"]["BlastRadius"];
    };
    /** @description An action with everything that matters resolved. */
    PlannedAction: {
      /** @description Where in the run. */
      key: components["schemas"]["StepKey"];
      /** @description What the playbook calls it: a capability or `connector.action`. */
      name: string;
      /** @description The manifest's title: `Block an address`. */
      title: string;
      /** @description The instance that acts. */
      instance: string;
      /** @description The connector behind it. */
      connector: string;
      /** @description The action in the manifest. */
      action: string;
      /** @description True where the target is the practice target. */
      practice: boolean;
      /** @description Digest of the manifest. */
      manifest_digest: string;
      /** @description What it does to the world. */
      effect: components["schemas"]["EffectClass"];
      target?: components["schemas"]["Observable"] | null;
      /** @description Which part of the target, where it has several (a message in a mailbox); none if all of it. */
      part?: string | null;
      /** @description The input after the manifest's schema. */
      input: Json;
      /** @description How it would be taken back, in plain words; none if it cannot be. */
      undo?: string | null;
      /**
       * @description How long it stays unless undone before.
       * @example 24h
       */
      expires?: string | null;
    };
    /** @description What the guard would decide about one action now. */
    PlannedDecision: {
      /** @description The step. */
      key: string;
      /** @description The decision. */
      decision: components["schemas"]["Decision"];
    };
    /** @description A playbook with its text and picture. */
    PlaybookDetail: components["schemas"]["PlaybookView"] & {
      /** @description As it was written. */
      text: string;
      /** @description As a picture; empty if it cannot run here. */
      graph: components["schemas"]["GraphView"];
    };
    /** @description A playbook in a list. */
    PlaybookView: {
      /** @description Its name. */
      name: string;
      /** @description In plain words. */
      title: string;
      /** @description What it is for. */
      description: string;
      /** @description How far it is trusted here. */
      mode: components["schemas"]["Mode"];
      /** @description How far it may ever be trusted. */
      max_mode: components["schemas"]["Mode"];
      /** @description SHA-256 of its text. */
      digest: string;
      /** @description The alerts that start it; none if only people do. */
      on?: string | null;
      /** @description Why it cannot run here; empty if it can. */
      unbound: string[];
      /** @description Whether every act goes to the practice target. */
      practice: boolean;
    };
    /** @description A policy that is or was in force. */
    PolicyVersion: {
      /**
       * Format: int32
       * @description Its number, from 1.
       */
      version: number;
      /** @description SHA-256 of its canonical JSON. */
      digest: string;
      /** @description The policy. */
      policy: Json;
      /** @description Whether the configuration file said so; else a proposal did. */
      from_file: boolean;
      /** @description Who: a login name, or `configuration`. */
      by: string;
      proposal?: components["schemas"]["ProposalId"] | null;
      /** @description Since when. */
      since: components["schemas"]["Time"];
    };
    /** @description A change that somebody wants. */
    Proposal: {
      /** @description Its id. */
      id: components["schemas"]["ProposalId"];
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description What would be changed. */
      what: components["schemas"]["Proposed"];
      /** @description What that comes to, in plain words. */
      changes: string[];
      /** @description Who wants it: a login name, or `configuration` for a file that was changed. */
      proposed_by: string;
      /** @description Why. */
      reason: string;
      /** @description When. */
      proposed_at: components["schemas"]["Time"];
      /** @description Who said what, whoever proposed it among them. */
      votes: components["schemas"]["Vote"][];
      /**
       * Format: int32
       * @description How many different people have to want it.
       */
      people: number;
      /**
       * @description How long it takes from then on until it is in force.
       * @example 24h
       */
      delay: string;
      /** @description Whether fewer people exist than are asked for: then a day at least takes their place. */
      alone: boolean;
      /** @description Where it stands. */
      state: components["schemas"]["ProposalState"];
      /** @description When it lapses if not enough people want it; from then on when it is in force. */
      due_at: components["schemas"]["Time"];
      ended_at?: components["schemas"]["Time"] | null;
      /** @description Why it ended, in plain words; empty if it is in force or stands. */
      note: string;
    };
    ProposalId: string;
    /**
     * @description Where a proposal stands.
     * @enum {string}
     */
    ProposalState: "waiting" | "agreed" | "applied" | "denied" | "cancelled" | "lapsed" | "void";
    /** @description A policy to propose. */
    ProposePolicy: {
      /** @description The whole policy, in YAML as below `policy:` in the configuration. */
      text: string;
      /** @description Why; mandatory. */
      reason: string;
    };
    /** @description What would be changed. */
    Proposed:
      | {
          /** @description The policy. */
          policy: Json;
          /** @description SHA-256 of the policy in force when it was proposed: in the place of another it is void. */
          base: string;
          /** @enum {string} */
          kind: "policy";
        }
      | {
          /** @description Login name. */
          person: string;
          /** @description What they might do. */
          from: components["schemas"]["Role"];
          /** @description What they would do. */
          to: components["schemas"]["Role"];
          /** @enum {string} */
          kind: "role";
        }
      | {
          /** @description The playbook. */
          playbook: string;
          /** @description The version that it is about. */
          digest: string;
          /** @description How far it was trusted. */
          from: components["schemas"]["Mode"];
          /** @description How far it would be. */
          to: components["schemas"]["Mode"];
          /** @enum {string} */
          kind: "mode";
        };
    /**
     * @description What a secret is for. One that opens a target is not given to a playbook, which could send it
     *     to another.
     * @enum {string}
     */
    Purpose: "credential" | "input";
    /** @description A question of an `ask` step. */
    Question: {
      /** @description `RUN/STEP`. */
      id: string;
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description The run that waits. */
      run: components["schemas"]["RunId"];
      /** @description The step that asks. */
      step: components["schemas"]["StepKey"];
      incident?: components["schemas"]["IncidentId"] | null;
      /** @description The playbook's title. */
      title: string;
      /** @description The question. */
      text: string;
      /** @description The answers to choose from; none for a form. */
      options: string[];
      /** @description The answer if nobody answers; empty for a form. */
      otherwise: string;
      /** @description JSON Schema of what a form is filled in with. */
      form?: Json | null;
      /** @description What a form was filled in with. */
      values?: Json | null;
      /** @description The group that is asked; everybody who may if there is none. */
      group?: string | null;
      /** @description Where it stands. */
      state: components["schemas"]["QuestionState"];
      /** @description The answer. */
      answer?: string | null;
      /** @description Who answered. */
      by?: string | null;
      /** @description When it was asked. */
      asked_at: components["schemas"]["Time"];
      /** @description When it lapses. */
      expires_at: components["schemas"]["Time"];
    };
    /**
     * @description Where a question stands.
     * @enum {string}
     */
    QuestionState: "waiting" | "answered" | "expired" | "void";
    /** @description A quota and how much of it is used. */
    QuotaView: {
      /** @description In what. */
      per: components["schemas"]["Period"];
      /**
       * Format: int32
       * @description How many requests fit.
       */
      count: number;
      /**
       * Format: int32
       * @description How many were sent.
       */
      used: number;
      /** @description When it begins anew. */
      until: components["schemas"]["Time"];
    };
    /** @description Why the guard decided as it did: the rule that spoke and what it said. */
    Reason: {
      /** @description The guard rule: `mode`, `kill_switch`, `protected`, `shared_infrastructure`, `budget`, … */
      rule: string;
      /** @description In plain words. */
      text: string;
    };
    /** @description What is asked for beside the comparison. */
    Reconcile: {
      /** @description Let a restored instance act although some targets cannot be asked; takes an admin. */
      accept_unreadable: boolean;
      /** @description Why; mandatory with `accept_unreadable`. */
      reason?: string;
    };
    /** @description What one look at all targets found. */
    Reconciliation: {
      /**
       * Format: int32
       * @description Rows whose target answered.
       */
      checked: number;
      /**
       * Format: int32
       * @description Rows whose effect is gone though the ledger holds it.
       */
      missing: number;
      /**
       * Format: int32
       * @description Rows whose effect is there though the ledger says undone.
       */
      still_there: number;
      /**
       * Format: int32
       * @description Rows whose target could not be asked.
       */
      unreadable: number;
      /**
       * Format: int32
       * @description Rows whose connector has no way to ask (a block list that firewalls poll).
       */
      not_checkable: number;
    };
    /** @description What somebody found out about an act. */
    Resolve: {
      /** @description Whether it happened. */
      happened: boolean;
      /** @description How that was found out. */
      reason: string;
    };
    /** @description When the books were copied, and when they were put back. */
    Restored: {
      /** @description When the backup was taken: the books know nothing later. */
      taken_at: components["schemas"]["Time"];
      /** @description When it was restored. */
      restored_at: components["schemas"]["Time"];
    };
    /** @description What a reviewer says. */
    Review: {
      /** @description Whether it is good. */
      approve: boolean;
      /** @description Why; mandatory on no. */
      reason?: string;
    };
    /**
     * @description What somebody may do. Each role includes the ones before it.
     * @enum {string}
     */
    Role: "viewer" | "responder" | "admin";
    /**
     * @description Who found it.
     * @enum {string}
     */
    RuleKind: "sigma" | "correlation" | "product";
    /** @description The rule behind an alert. */
    RuleRef: {
      /** @description The rule's id: a UUID for Sigma, `product:number` for products. */
      id: string;
      /** @description The rule's title. */
      title: string;
      /** @description Who found it. */
      kind: components["schemas"]["RuleKind"];
    };
    /**
     * @description What the guard, or one rule of it, says of an action, in a word; the later ones are stricter.
     * @enum {string}
     */
    Ruling: "silent" | "allow" | "hold" | "ask" | "refuse";
    /** @description The head of a run. */
    RunHead: {
      /** @description Its id. */
      id: components["schemas"]["RunId"];
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description The playbook. */
      playbook: string;
      /** @description SHA-256 of the playbook's text. */
      playbook_digest: string;
      /** @description How far the playbook was trusted when the run started. */
      mode: components["schemas"]["Mode"];
      incident?: components["schemas"]["IncidentId"] | null;
      alert?: components["schemas"]["AlertId"] | null;
      /** @description Who started it: a name, or `rule TITLE`. */
      requested_by: string;
      /** @description Where it stands. */
      state: components["schemas"]["RunState"];
      /** @description In plain words, why it stands so. */
      note: string;
      /** @description When it started. */
      started_at: components["schemas"]["Time"];
      ended_at?: components["schemas"]["Time"] | null;
    };
    RunId: string;
    /**
     * @description Where a run stands.
     * @enum {string}
     */
    RunState: "running" | "waiting" | "succeeded" | "failed" | "refused" | "cancelled";
    /** @description A run with everything that can be seen of it. */
    RunView: {
      /** @description The head. */
      head: components["schemas"]["RunHead"];
      /** @description The playbook's title. */
      title: string;
      /** @description The picture, with live states. */
      graph: components["schemas"]["GraphView"];
      /** @description The steps that were reached, in order. */
      steps: components["schemas"]["StepView"][];
      /** @description The journal. */
      journal: components["schemas"]["JournalEntry"][];
    };
    /** @description What may be seen of a secret: never its value. */
    SecretView: {
      /** @description Its name. */
      name: string;
      /**
       * Format: int32
       * @description Which of its values is in force.
       */
      version: number;
      /**
       * Format: int32
       * @description The value before it, kept until this one is confirmed.
       */
      previous?: number | null;
      /** @description What it is for. */
      purpose: components["schemas"]["Purpose"];
      /** @description Who set the value in force. */
      set_by: string;
      /** @description When. */
      set_at: components["schemas"]["Time"];
      /** @description The connector instances that have it as their credential. */
      used_by: string[];
    };
    /** @description Who is signed in. */
    Session: {
      /** @description Login name. */
      name: string;
      /** @description What they may do. */
      role: components["schemas"]["Role"];
    };
    /** @description Where to move it. */
    Set: {
      /** @description Whether acts are to be stopped. */
      engaged: boolean;
      /** @description Why; mandatory. */
      reason: string;
    };
    /** @description How far to trust it. */
    SetMode: {
      /** @description The mode. */
      mode: components["schemas"]["Mode"];
      /** @description Why; mandatory if it is to be trusted further. */
      reason?: string | null;
    };
    /** @description What somebody is to do from now on. */
    SetRole: {
      /** @description The role. */
      role: components["schemas"]["Role"];
      /** @description Why; mandatory. */
      reason: string;
    };
    /** @description A value to keep. */
    SetSecret: {
      /** @description The value, from 8 bytes to 64 KiB. */
      value: string;
      purpose?: components["schemas"]["Purpose"] | null;
    };
    /** @description Whether the first administrator is still to be made. */
    Setup: {
      /** @description Whether it is. */
      needed: boolean;
    };
    /**
     * @description How bad it is. The numbers are OCSF's `severity_id` (1 Informational … 5 Critical).
     * @enum {string}
     */
    Severity: "info" | "low" | "medium" | "high" | "critical";
    /** @description `part` of `whole`, with the Wilson score interval at 95 %. */
    Share: {
      /**
       * Format: int64
       * @description How many.
       */
      part: number;
      /**
       * Format: int64
       * @description Of how many.
       */
      whole: number;
      /**
       * Format: double
       * @description Lower bound of the true share, 0 to 1; 0 if there is no data.
       */
      low: number;
      /**
       * Format: double
       * @description Upper bound of the true share, 0 to 1; 1 if there is no data.
       */
      high: number;
    };
    /** @description Name and password. */
    SignIn: {
      /** @description Login name. */
      name: string;
      /** @description Password. */
      password: string;
    };
    /** @description What comes with a signal. */
    Signal: {
      /** @description Read in the playbook as `steps.ID.data`. */
      data?: Json;
    };
    /** @description What a source has delivered. */
    SourceStatus: {
      /** @description Its name. */
      name: string;
      /** @description How far it is believed. */
      trust: string;
      /**
       * Format: int64
       * @description Events acknowledged and processed.
       */
      events: number;
      /**
       * Format: int64
       * @description Records that could not be read.
       */
      dead_letters: number;
      last_event_at?: components["schemas"]["Time"] | null;
    };
    /**
     * @description Where in a run an action stands: the path of (step, iteration), `isolate`, `each.3/block`.
     *
     *     With the run's id it gives the idempotency key, which is the same on every retry.
     */
    StepKey: string;
    /**
     * @description Where a step stands.
     * @enum {string}
     */
    StepState:
      | "pending"
      | "planned"
      | "waiting"
      | "intended"
      | "accepted"
      | "verified"
      | "succeeded"
      | "failed"
      | "refused"
      | "unknown";
    /** @description One step of a run, as people see it. */
    StepView: {
      /** @description Where in the run. */
      key: string;
      /** @description The step's id in the playbook. */
      id: string;
      /** @description `do`, `if`, … */
      kind: string;
      /** @description In plain words. */
      title: string;
      /** @description Where it stands. */
      state: components["schemas"]["StepState"];
      /** @description What it was given. */
      input: Json;
      /** @description What came back. */
      output: Json;
      /**
       * Format: int32
       * @description How often it was sent.
       */
      attempts: number;
      entered_at?: components["schemas"]["Time"] | null;
      ended_at?: components["schemas"]["Time"] | null;
      /** @description In plain words, why it stands so. */
      note: string;
      /** @description What the guard considered. */
      reasons: components["schemas"]["Reason"][];
    };
    /**
     * @description Whose data a record is. `default` unless set up otherwise; taken from the caller's
     *     credentials, never from a URL.
     */
    TenantId: string;
    /** Format: date-time */
    Time: string;
    /** @description One line of an incident's timeline. */
    TimelineEntry: {
      /** @description When. */
      at: components["schemas"]["Time"];
      /** @description `alert`, `run`, `approval`, `action`, `containment`, `comment`, `status`. */
      kind: string;
      /** @description Who: a person's name, `playbook NAME`, `rule NAME`, `guard`. */
      actor: string;
      /** @description What happened, in plain words. */
      text: string;
      /** @description Id of the thing it is about. */
      subject?: string | null;
    };
    /** @description Quantiles of a time-to, by Kaplan–Meier. */
    Times: {
      /**
       * Format: double
       * @description Seconds in which half of the incidents got there; none if that was not reached.
       */
      median_s?: number | null;
      /**
       * Format: double
       * @description Seconds in which nine of ten got there; none if that was not reached.
       */
      p90_s?: number | null;
      /**
       * Format: int64
       * @description How many got there.
       */
      n: number;
      /**
       * Format: int64
       * @description How many have not yet; they count for as long as they have been waiting.
       */
      open: number;
      /**
       * Format: int64
       * @description How many seem to have got there before they began (clocks disagree); counted as 0 s.
       */
      negative: number;
    };
    /** @description A token; the secret itself is kept only as a SHA-256. */
    Token: {
      /** @description Its id. */
      id: components["schemas"]["TokenId"];
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description Its name, unique in the tenant; the actor in the audit. */
      name: string;
      /** @description What it is for. */
      scope: components["schemas"]["TokenScope"];
      owner?: components["schemas"]["UserId"] | null;
      /** @description Since when. */
      created_at: components["schemas"]["Time"];
    };
    TokenId: string;
    /** @description What a token is for. */
    TokenScope:
      | {
          /** @description What it may do. */
          role: components["schemas"]["Role"];
          /** @enum {string} */
          scope: "api";
        }
      | {
          /** @description The source. */
          source: string;
          /** @description How far it is believed. */
          trust: components["schemas"]["Trust"];
          /** @enum {string} */
          scope: "intake";
        }
      | {
          /** @enum {string} */
          scope: "feed";
        };
    /**
     * @description How far a source is believed. An alert is never trusted more than the source it came from.
     * @enum {string}
     */
    Trust: "low" | "medium" | "high";
    /** @description Why. */
    Undo: {
      /** @description In plain words; mandatory. */
      reason: string;
    };
    /** @description An act of which nobody knows whether it happened: work for a person. */
    UnknownOutcome: {
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description The run that acted. */
      run: components["schemas"]["RunId"];
      /** @description The step that did. */
      step: components["schemas"]["StepKey"];
      /** @description The playbook. */
      playbook: string;
      incident?: components["schemas"]["IncidentId"] | null;
      /** @description The act. */
      action: components["schemas"]["PlannedAction"];
      /** @description Why nobody knows. */
      why: string;
      /** @description Since when. */
      at: components["schemas"]["Time"];
    };
    /** @description A person with a login. */
    User: {
      /** @description Its id. */
      id: components["schemas"]["UserId"];
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description Login name, unique in the tenant. */
      name: string;
      /** @description What they may do. */
      role: components["schemas"]["Role"];
      /** @description Where notices go; none if nowhere. */
      email?: string | null;
      /** @description The time zone that notices are written in, as in `Europe/Berlin`; UTC if absent. */
      time_zone?: string | null;
      /** @description Since when. */
      created_at: components["schemas"]["Time"];
    };
    UserId: string;
    /** @description Whether the chain holds. */
    Verified: {
      /** @description Whether it does. */
      ok: boolean;
      /**
       * Format: int64
       * @description How many entries held.
       */
      entries: number;
      /** @description Hash of the last of them: the head to anchor outside. */
      head: string;
      /** @description The first thing that does not hold. */
      error?: string | null;
    };
    /** @description One text of a playbook. The text itself is kept under its digest. */
    Version: {
      /** @description Whose. */
      tenant: components["schemas"]["TenantId"];
      /** @description The playbook's name. */
      playbook: string;
      /**
       * Format: int32
       * @description Its number, from 1.
       */
      number: number;
      /** @description SHA-256 of the text. */
      digest: string;
      /** @description Where it comes from. */
      origin: components["schemas"]["Origin"];
      /** @description Who wrote it: a login name, or `content` for what came with the program or its folders. */
      author: string;
      /** @description Why, in plain words. */
      note: string;
      /** @description The file, below the folder that is followed. */
      path?: string | null;
      /** @description The commit that was checked out when it was read. */
      commit?: string | null;
      /** @description Where it stands. */
      state: components["schemas"]["VersionState"];
      /** @description What reviewers said. */
      reviews: components["schemas"]["Vote"][];
      alone_until?: components["schemas"]["Time"] | null;
      /** @description When it was written, or first read. */
      created_at: components["schemas"]["Time"];
      published_at?: components["schemas"]["Time"] | null;
      /** @description Who put it in force. */
      published_by?: string | null;
      mode?: components["schemas"]["Mode"] | null;
    };
    /** @description What is different between two versions. */
    VersionDiff: {
      /**
       * Format: int32
       * @description The number of the one.
       */
      from: number;
      /**
       * Format: int32
       * @description The number of the other.
       */
      to: number;
      /** @description Line by line, as a unified diff. */
      text: string;
      /** @description What it comes to: triggers, modes, actions. */
      changes: components["schemas"]["Difference"][];
    };
    /**
     * @description Where a version stands.
     * @enum {string}
     */
    VersionState: "draft" | "reviewed" | "denied" | "published" | "replaced" | "retired";
    /** @description A version with its text, and the runs that used it. */
    VersionView: components["schemas"]["Version"] & {
      /** @description As it was written. */
      text: string;
      /** @description Whether runs start with it now. */
      in_force: boolean;
      /** @description The newest runs that used it, at most 100. */
      runs: components["schemas"]["RunHead"][];
    };
    /** @description One person's word. */
    Vote: {
      /** @description Who: a person's login name, whether they came by a token or not; the token's if nobody owns it. */
      by: string;
      /** @description The person whose place they took, while that one was away. */
      on_behalf_of?: string | null;
      /** @description The token by which they came. */
      token?: string | null;
      /** @description Whether a person is behind it. A token that nobody owns may be anybody's. */
      is_person?: boolean;
      /** @description Yes or no. */
      approve: boolean;
      /** @description Why; mandatory on no. */
      reason: string;
      /** @description When. */
      at: components["schemas"]["Time"];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
