using System.Data.Common;
using System.Text.Json;
using Dapper;
using Harima.Catalogue;
using Harima.Identity;

namespace Harima.Access;

/// <summary>What somebody did, when, through which door.</summary>
public sealed record AuditEvent
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Via { get; init; }

    /// <summary>Noun.verb, such as <c>sequence.closed</c>, <c>file.added</c>, <c>access.given</c>.</summary>
    public required string Action { get; init; }

    /// <summary>JSON object with the particulars, or null.</summary>
    public string? Detail { get; init; }
}

/// <summary>The record of changes. A row is written in the transaction of the change it tells of.</summary>
public sealed class Audit(Database database, TimeProvider time)
{
    internal void Add(
        DbTransaction transaction,
        Principal principal,
        string action,
        ResourceRef on,
        object? detail = null
    ) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO audit_event (at, actor, via, action, kind, ref, detail)
            VALUES (@at, @Actor, @Via, @action, @KindText, @Id, @detail)
            """,
            new
            {
                at = time.Now(),
                principal.Actor,
                principal.Via,
                action,
                on.KindText,
                on.Id,
                detail = detail is null ? null : JsonSerializer.Serialize(detail),
            },
            transaction
        );

    /// <summary>The same of many things, without particulars.</summary>
    internal void AddAll(
        DbTransaction transaction,
        Principal principal,
        string action,
        IReadOnlyList<ResourceRef> things
    )
    {
        var at = time.Now().ToMicroseconds();
        ManyRows.Insert(
            transaction,
            database.Dialect,
            "audit_event",
            ["at", "actor", "via", "action", "kind", "ref"],
            [.. things.Select(on => new object?[] { at, principal.Actor, principal.Via, action, on.KindText, on.Id })]
        );
    }

    /// <summary>What happened to one thing, newest first. The caller has decided that it may be seen.</summary>
    internal async Task<Page<AuditEvent>> OnAsync(
        ResourceRef on,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var before = Cursor.IdOf(cursor) ?? long.MaxValue;
        await using var connection = await database.OpenAsync(cancellationToken);
        var events = (
            await connection.QueryAsync<AuditEvent>(
                """
                SELECT id, at, actor, via, action, detail FROM audit_event
                WHERE kind = @KindText AND ref = @Id AND id < @before ORDER BY id DESC LIMIT @limit
                """,
                new
                {
                    on.KindText,
                    on.Id,
                    before,
                    limit = limit + 1,
                }
            )
        ).AsList();
        return Page.Of(events, limit, last => [last.Id]);
    }
}
