"""The columns and partitions that BigQuery reads for a statement, from its text and the tables, by documented rules.

An upper bound: no clustering, no result cache, no predicate that is not written. What it cannot read raises. Pruning follows
"Query partitioned tables" and "Updating partitioned table data using DML", sizes of DML "DML statements, query size
calculation", all on docs.cloud.google.com/bigquery. Input, as JSON: tables {name: {columns, partition, unit, days}}, jobs
[sql]; output: for each job and statement, [{table, columns, days}]; days is null for a table without partitions.
"""

import datetime as dt
import json
import re
import sys

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

DAY = dt.timedelta(days=1)
MAYBE = None


class Table:
    def __init__(self, columns, partition=None, unit="day", days=()):
        self.columns, self.partition, self.unit = columns, partition, unit
        self.parts = [dt.datetime.fromisoformat(day) for day in days]


def end(p, unit):
    return p + DAY if unit == "day" else (p.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def literal(e):
    """A constant instant, or MAYBE."""
    if isinstance(e, exp.Paren):
        return literal(e.this)
    if isinstance(e, (exp.Cast, exp.TsOrDsToDate, exp.Date, exp.Timestamp)) and e.this is not None:
        if isinstance(e.this, exp.Literal) and e.this.is_string:
            return instant(e.this.this)
        return literal(e.this) if not isinstance(e.this, exp.Column) else MAYBE
    if isinstance(e, exp.Literal) and e.is_string:
        return instant(e.this)
    if isinstance(e, (exp.UnixToTime,)) and isinstance(e.this, exp.Literal):
        return dt.datetime.fromtimestamp(int(e.this.this), dt.timezone.utc).replace(tzinfo=None)
    if isinstance(e, exp.Anonymous) and e.name.lower() == "timestamp_seconds":
        return dt.datetime.fromtimestamp(int(e.expressions[0].this), dt.timezone.utc).replace(tzinfo=None)
    return MAYBE


def instant(text):
    try:
        return dt.datetime.fromisoformat(text.replace("+00", "").replace("Z", "").strip())
    except ValueError:
        return MAYBE


def of_column(e, column):
    """(True, unit it is truncated to) when e is the partitioning column, alone or in a function that prunes."""
    if isinstance(e, exp.Paren):
        return of_column(e.this, column)
    if isinstance(e, exp.Column):
        return e.name == column, None
    if isinstance(e, exp.Cast) and e.to.this in (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMP):
        ok, unit = of_column(e.this, column)
        # only directly: CAST(TIMESTAMP_TRUNC(CAST(x ...)...)...) is not in the documented list
        return (ok and isinstance(e.this, exp.Column)), "day" if e.to.this == exp.DataType.Type.DATE else None
    if isinstance(e, (exp.Date, exp.TsOrDsToDate)) and isinstance(e.this, exp.Column):
        return e.this.name == column, "day"
    if isinstance(e, (exp.DateTrunc, exp.TimestampTrunc)) and isinstance(e.this, exp.Column):
        return e.this.name == column, str(e.args["unit"].name).lower()
    return False, None


def holds(e, column, lo, hi):
    """False when no value of [lo, hi) fulfils e; True otherwise, and for everything not understood."""
    if e is None:
        return True
    if isinstance(e, exp.Paren):
        return holds(e.this, column, lo, hi)
    if isinstance(e, exp.And):
        return holds(e.left, column, lo, hi) and holds(e.right, column, lo, hi)
    if isinstance(e, exp.Or):
        return holds(e.left, column, lo, hi) or holds(e.right, column, lo, hi)
    if isinstance(e, exp.Boolean):
        return bool(e.this)
    if isinstance(e, exp.In):
        ok, unit = of_column(e.this, column)
        values = [literal(v) for v in e.expressions]
        if not ok or not values or any(v is MAYBE for v in values):
            return True
        if unit == "month":
            return lo.replace(day=1) in values
        return any(lo <= v < hi for v in values)
    if isinstance(e, exp.Between):
        return holds(exp.And(this=exp.GTE(this=e.this, expression=e.args["low"]), expression=exp.LTE(this=e.this, expression=e.args["high"])), column, lo, hi)
    if isinstance(e, (exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE)):
        for a, b, flip in ((e.left, e.right, False), (e.right, e.left, True)):
            ok, unit = of_column(a, column)
            v = literal(b)
            if ok and v is not MAYBE:
                l, h = (lo.replace(day=1), lo.replace(day=1) + dt.timedelta(microseconds=1)) if unit == "month" else (lo, hi)
                kind = type(e)
                if flip:
                    kind = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE}.get(kind, kind)
                return {exp.EQ: l <= v < h, exp.LT: l < v, exp.LTE: l <= v, exp.GT: h > v, exp.GTE: h > v}[kind]
    return True


def touched(table, predicate):
    if not table.partition:
        return None
    return [p for p in table.parts if holds(predicate, table.partition, p, end(p, table.unit))]


class Bill:
    def __init__(self, catalogue):
        self.catalogue = catalogue
        self.schema = {}
        for name, t in catalogue.items():
            d, n = name.split(".")
            self.schema.setdefault("p", {}).setdefault(d, {})[n] = {c: "STRING" for c in t.columns}

    def add(self, seen, name, columns, parts):
        s = seen.setdefault(name, {"columns": [], "parts": parts})
        s["columns"] += sorted(columns)
        s["parts"] = parts if s["parts"] is None else sorted({*s["parts"], *parts})

    def select(self, e, seen):
        e = e.copy()
        for t in e.find_all(exp.Table):
            if t.db:
                t.set("catalog", exp.to_identifier("p"))
        e = qualify(e, schema=self.schema, dialect="bigquery", validate_qualify_columns=True, quote_identifiers=False)
        try:
            e = pushdown_predicates(e.copy(), dialect="bigquery")
        except AttributeError:  # sqlglot 30.11's simplify on DATE_TRUNC(…) IN (…): then only what stands at the scan prunes
            pass
        e = pushdown_projections(e, schema=self.schema)
        for scope in traverse_scope(e):
            for alias, source in scope.sources.items():
                if not isinstance(source, exp.Table) or not source.db:
                    continue
                name = f"{source.db}.{source.name}"
                if name not in self.catalogue:
                    raise KeyError(name)
                columns = {c.name for c in scope.columns if c.table == alias}
                where = scope.expression.args.get("where")
                mine = [c for c in (where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else [])]
                # a conjunct may prune when it speaks of this source only
                keep = [c for c in mine if {x.table for x in c.find_all(exp.Column)} <= {alias} and not c.find(exp.Select)]
                for join in scope.expression.args.get("joins") or []:
                    on = join.args.get("on")
                    if on is not None and not join.side:
                        keep += [c for c in (on.flatten() if isinstance(on, exp.And) else [on]) if {x.table for x in c.find_all(exp.Column)} <= {alias}]
                pred = exp.and_(*keep, copy=True) if keep else None
                self.add(seen, name, columns, touched(self.catalogue[name], pred))

    def merge(self, e, seen):
        target = e.this
        name, alias = f"{target.db}.{target.name}", target.alias or target.name
        t = self.catalogue[name]
        source = e.args["using"]
        if isinstance(source, exp.Subquery):
            self.select(source.this, seen)
        else:
            self.select(exp.select("*").from_(source.copy()), seen)
        on, whens = e.args["on"], e.args["whens"].expressions
        false = isinstance(on.unnest(), exp.Boolean) and not on.unnest().this
        by_source = [w for w in whens if w.args.get("source") and not w.args["matched"]]
        mutates = any(isinstance(w.args["then"], exp.Update) or "DELETE" in w.args["then"].sql().upper()[:6] for w in whens)
        conds = [w.args.get("condition") for w in by_source]
        if by_source and false:
            pred = None if any(c is None for c in conds) else exp.or_(*conds, copy=True)
        elif by_source:
            pred = None  # a full outer join: not pruned
        else:
            pred = on
        parts = touched(t, pred) if pred is not None else touched(t, None)
        read = {c.name for x in [on, *[c for c in conds if c is not None]] for c in x.find_all(exp.Column) if c.table.lower() == alias.lower()}
        self.add(seen, name, read, parts)
        if mutates:
            self.add(seen, name, t.columns, parts)

    def statement(self, e):
        seen = {}
        if isinstance(e, exp.Merge):
            self.merge(e, seen)
        elif isinstance(e, exp.Create):
            if e.kind in ("TABLE",) and e.expression is not None:
                self.select(e.expression.unnest() if isinstance(e.expression, exp.Subquery) else e.expression, seen)
        elif isinstance(e, exp.Insert):
            if isinstance(e.expression, (exp.Select, exp.SetOperation)):
                self.select(e.expression, seen)
        elif isinstance(e, (exp.Delete, exp.Update)):
            name = f"{e.this.db}.{e.this.name}"
            t = self.catalogue[name]
            where = e.args.get("where")
            parts = touched(t, where.this if where else None)
            if isinstance(e, exp.Delete) and (where is None or isinstance(where.this, exp.Boolean)):
                return seen  # whole partitions, a metadata operation
            self.add(seen, name, t.columns, parts)
        elif isinstance(e, exp.Query):
            self.select(e, seen)
        elif isinstance(e, (exp.TruncateTable, exp.Transaction, exp.Commit, exp.Rollback, exp.Drop, exp.Command, exp.Alter)):
            pass
        else:
            raise NotImplementedError(type(e).__name__)
        return seen

    def job(self, sql):
        sql = re.sub(r"/\*.*?\*/", "", sql, flags=re.S)
        statements = [self.statement(e) for e in sqlglot.parse(sql, read="bigquery") if e is not None]
        return [
            [
                {
                    "table": name,
                    "columns": s["columns"],
                    "days": None if s["parts"] is None else [p.date().isoformat() for p in s["parts"]],
                }
                for name, s in sorted(seen.items())
            ]
            for seen in statements
        ]


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    bill = Bill({name: Table(**table) for name, table in asked["tables"].items()})
    json.dump([bill.job(sql) for sql in asked["jobs"]], sys.stdout)
