using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;

namespace Harima.Sequences;

/// <summary>Which sequences to list; null everywhere means all that the caller may see.</summary>
/// <param name="SharedWithMe">Only those that were shared with the caller personally.</param>
public sealed record SequenceFilter(
    string? ProposalId = null,
    string? BeamlineId = null,
    string? Owner = null,
    SequenceState? State = null,
    Visibility? Visibility = null,
    bool SharedWithMe = false
);

public enum SequenceOrder
{
    Created,
    Id,
    Size,
    Owner,
    Proposal,
}

/// <summary>A line of the download table.</summary>
public sealed record SequenceSummary
{
    public required string ProposalId { get; init; }
    public required string ProposalTitle { get; init; }
    public required string ProposalTitleJa { get; init; }
    public required string Id { get; init; }
    public required string BeamlineId { get; init; }
    public SequenceState State { get; init; }
    public required string Owner { get; init; }
    public string? OwnerName { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }
    public long SizeBytes { get; init; }
    public long FileCount { get; init; }
    public bool ForEveryone { get; init; }
    internal long Row { get; init; }
}

/// <summary>Finds sequences among those the caller may see. Keyset paging: a page costs the same wherever it lies.</summary>
public sealed class SequenceQueries(Database database, Policy policy, SequenceAccess access, Audit audit)
{
    /// <summary>Counts are exact up to this.</summary>
    public const int CountedUpTo = 10_000;

    const string Summaries = $"""
        SELECT {SequenceRows.Columns}, p.title AS proposal_title, p.title_ja AS proposal_title_ja, u.display_name AS owner_name,
            EXISTS (SELECT 1 FROM access_grant e WHERE e.kind = 'sequence' AND e.id = s.ref AND e.subject = 'everyone') AS for_everyone
        FROM sequence s JOIN proposal p ON p.id = s.proposal_id LEFT JOIN app_user u ON u.id = s.owner
        """;

    /// <summary>Those of the rows that are there and may be seen with these rights, in the order of the rows.</summary>
    internal async Task<IReadOnlyList<SequenceSummary>> OfRowsAsync(
        Visible rights,
        IReadOnlyList<long> rows,
        CancellationToken cancellationToken
    )
    {
        if (rows.Count == 0)
            return [];
        var parameters = new DynamicParameters();
        parameters.Add("rows", rows.ToArray());
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (
            await connection.QueryAsync<SequenceSummary>(
                $"{Summaries} WHERE s.row IN @rows AND {rights.SequenceCondition(database.Dialect, parameters)}".ForDapper(
                    database.Dialect,
                    "rows"
                ),
                parameters
            )
        ).ToDictionary(summary => summary.Row);
        return [.. rows.Where(found.ContainsKey).Select(row => found[row])];
    }

    /// <param name="cursor">Of an earlier page: its Next, or its Previous to go back.</param>
    public async Task<Page<SequenceSummary>> ListAsync(
        Principal principal,
        SequenceFilter filter,
        SequenceOrder order,
        bool descending,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var parameters = new DynamicParameters();
        var conditions = await ConditionsAsync(principal, filter, parameters, cancellationToken);
        var column = ColumnOf(order);
        var backwards = false;
        if (cursor is not null)
        {
            var at = Cursor.Decode(cursor, 3);
            backwards = at[0].GetInt64() == 1;
            parameters.Add(
                "value",
                order is SequenceOrder.Created or SequenceOrder.Size ? at[1].GetInt64() : at[1].GetString()
            );
            parameters.Add("row", at[2].GetInt64());
            conditions.Add($"({column}, s.row) {(descending != backwards ? "<" : ">")} (@value, @row)");
        }
        parameters.Add("limit", limit + 1);
        var direction = descending != backwards ? "DESC" : "ASC";
        List<SequenceSummary> rows;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            rows = (
                await connection.QueryAsync<SequenceSummary>(
                    $"""
                    {Summaries}
                    WHERE {string.Join(" AND ", conditions)}
                    ORDER BY {column} {direction}, s.row {direction} LIMIT @limit
                    """,
                    parameters
                )
            ).AsList();
        }
        var more = rows.Count > limit;
        if (more)
            rows.RemoveAt(limit);
        if (backwards)
            rows.Reverse();
        string? At(int way, SequenceSummary? row) =>
            row is null ? null : Cursor.Encode(way, ValueOf(order, row), row.Row);
        var next = backwards || more ? At(0, rows.LastOrDefault()) : null;
        var previous =
            backwards ? (more ? At(1, rows.FirstOrDefault()) : null)
            : cursor is not null ? At(1, rows.FirstOrDefault())
            : null;
        return new Page<SequenceSummary>(rows, next, previous);
    }

    /// <summary>How many there are, exact up to <see cref="CountedUpTo"/>; one more than that means "more".</summary>
    public async Task<long> CountAsync(Principal principal, SequenceFilter filter, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters();
        var conditions = await ConditionsAsync(principal, filter, parameters, cancellationToken);
        parameters.Add("most", CountedUpTo + 1);
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            $"""
            SELECT COUNT(*) FROM (
                SELECT 1 AS one FROM sequence s
                WHERE {string.Join(" AND ", conditions)} LIMIT @most) counted
            """,
            parameters
        );
    }

    /// <exception cref="Faults.FaultException">NotFound where it does not exist for the caller.</exception>
    public Task<SequenceView> GetAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    ) => access.GetAsync(principal, proposalId, sequenceId, cancellationToken);

    /// <summary>What happened to the sequence, newest first. For those who may read it.</summary>
    public async Task<Page<AuditEvent>> HistoryAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var page = await audit.OnAsync(view.Sequence.Ref, cursor, limit, cancellationToken);
        // Who holds which right is for those who manage; the others see that the data changed, and when.
        return view.MyRight >= Right.Manage
            ? page
            : page with
            {
                Items = [.. page.Items.Where(item => !item.Action.StartsWith("access.", StringComparison.Ordinal))],
            };
    }

    async Task<List<string>> ConditionsAsync(
        Principal principal,
        SequenceFilter filter,
        DynamicParameters parameters,
        CancellationToken cancellationToken
    )
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var conditions = new List<string> { visible.SequenceCondition(database.Dialect, parameters) };
        void Equal(string column, string name, string? value)
        {
            if (string.IsNullOrWhiteSpace(value))
                return;
            parameters.Add(name, value.Trim());
            conditions.Add($"{column} = @{name}");
        }
        Equal("s.proposal_id", "proposalId", filter.ProposalId?.ToUpperInvariant());
        Equal("s.beamline_id", "beamlineId", filter.BeamlineId);
        Equal("s.owner", "owner", filter.Owner);
        Equal("s.state", "state", filter.State?.ToString().ToLowerInvariant());
        if (filter.Visibility is { } visibility)
            conditions.Add(
                (visibility == Visibility.Everyone ? "" : "NOT ")
                    + "EXISTS (SELECT 1 FROM access_grant v WHERE v.kind = 'sequence' AND v.id = s.ref AND v.subject = 'everyone')"
            );
        if (filter.SharedWithMe)
        {
            parameters.Add("me", principal.UserId is null ? "" : Principal.SubjectOf(principal.UserId));
            conditions.Add(
                "EXISTS (SELECT 1 FROM access_grant m WHERE m.kind = 'sequence' AND m.id = s.ref AND m.subject = @me AND m.role = 'shared')"
            );
        }
        return conditions;
    }

    static string ColumnOf(SequenceOrder order) =>
        order switch
        {
            SequenceOrder.Id => "s.id",
            SequenceOrder.Size => "s.size_bytes",
            SequenceOrder.Owner => "s.owner",
            SequenceOrder.Proposal => "s.proposal_id",
            _ => "s.created_at",
        };

    static object ValueOf(SequenceOrder order, SequenceSummary row) =>
        order switch
        {
            SequenceOrder.Id => row.Id,
            SequenceOrder.Size => row.SizeBytes,
            SequenceOrder.Owner => row.Owner,
            SequenceOrder.Proposal => row.ProposalId,
            _ => row.CreatedAt.ToMicroseconds(),
        };
}
