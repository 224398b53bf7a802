using System.Data.Common;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;

namespace Harima.Samples;

/// <summary>
/// Finds samples. One is visible to those who hold a right on its proposal, and to those who may read a sequence that refers to it.
/// </summary>
public sealed class SampleQueries(Database database, Policy policy, ProposalQueries proposals)
{
    internal const string Columns =
        "a.row, a.id, a.proposal_id, a.name, a.json, a.version, a.created_at, a.created_by, a.changed_at, a.changed_by";
    const int MaxSequences = 200;
    const int MaxDescendants = 10_000;

    /// <param name="text">In id, name or description; null for all.</param>
    public async Task<Page<Sample>> ListAsync(
        Principal principal,
        string? proposalId,
        string? text,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var parameters = new DynamicParameters();
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var conditions = new List<string> { Condition(visible, parameters) };
        if (!string.IsNullOrWhiteSpace(proposalId))
        {
            parameters.Add("proposalId", proposalId.Trim().ToUpperInvariant());
            conditions.Add("a.proposal_id = @proposalId");
        }
        if (!string.IsNullOrWhiteSpace(text))
        {
            parameters.Add("pattern", DialectSql.LikePattern(text.Trim()));
            string[] columns = ["a.id", "a.name", "a.json"];
            conditions.Add(
                "(" + string.Join(" OR ", columns.Select(column => database.Dialect.Contains(column, "@pattern"))) + ")"
            );
        }
        if (cursor is not null)
        {
            parameters.Add("after", Cursor.IdOf(cursor));
            conditions.Add("a.row < @after");
        }
        parameters.Add("limit", limit + 1);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (
            await connection.QueryAsync<Sample>(
                $"""
                SELECT {Columns} FROM sample a JOIN proposal p ON p.id = a.proposal_id
                WHERE {string.Join(" AND ", conditions)} ORDER BY a.row DESC LIMIT @limit
                """,
                parameters
            )
        ).AsList();
        return Page.Of(rows, limit, last => [last.Row]);
    }

    /// <exception cref="FaultException">NotFound where it does not exist for the caller.</exception>
    public async Task<SampleView> GetAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var parameters = new DynamicParameters();
        var condition = Condition(visible, parameters);
        await using var connection = await database.OpenAsync(cancellationToken);
        parameters.Add("id", id.Trim().ToUpperInvariant());
        var sample =
            await connection.QuerySingleOrDefaultAsync<Sample>(
                $"SELECT {Columns} FROM sample a JOIN proposal p ON p.id = a.proposal_id WHERE a.id = @id AND {condition}",
                parameters
            ) ?? throw Fault.NotFound("Sample", id);
        parameters.Add("row", sample.Row);
        async Task<IReadOnlyList<SampleLink>> LinksAsync(string mine, string other) =>
            (
                await connection.QueryAsync<SampleLink>(
                    $"""
                    SELECT a.id, a.proposal_id, a.name FROM sample_parent l JOIN sample a ON a.row = l.{other}
                    JOIN proposal p ON p.id = a.proposal_id WHERE l.{mine} = @row AND {condition} ORDER BY a.row
                    """,
                    parameters
                )
            ).AsList();
        var parents = await LinksAsync("sample_row", "parent_row");
        var children = await LinksAsync("parent_row", "sample_row");
        parameters.Add("most", MaxSequences);
        var sequences = (
            await connection.QueryAsync<string>(
                $"""
                SELECT s.ref FROM sequence_sample l JOIN sequence s ON s.row = l.sequence_row
                WHERE l.sample_row = @row AND {visible.SequenceCondition(
                    database.Dialect,
                    parameters
                )} ORDER BY s.ref LIMIT @most
                """,
                parameters
            )
        ).AsList();
        var proposal = await proposals.FindAsync(sample.ProposalId, cancellationToken);
        var mayChange =
            proposal is not null
            && await policy.RightOnAsync(principal, proposal.Chain, cancellationToken) >= Right.Write;
        return new SampleView(sample, mayChange, parents, children, sequences);
    }

    /// <summary>Every change, newest first, for those who may see the sample.</summary>
    public async Task<Page<SampleChange>> ChangesAsync(
        Principal principal,
        string id,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var view = await GetAsync(principal, id, cancellationToken);
        var before = Cursor.IdOf(cursor) ?? long.MaxValue;
        await using var connection = await database.OpenAsync(cancellationToken);
        var changes = (
            await connection.QueryAsync<SampleChange>(
                """
                SELECT id, before, after, at, actor FROM sample_change
                WHERE sample_row = @Row AND id < @before ORDER BY id DESC LIMIT @limit
                """,
                new
                {
                    view.Sample.Row,
                    before,
                    limit = limit + 1,
                }
            )
        ).AsList();
        return Page.Of(changes, limit, last => [last.Id]);
    }

    /// <summary>The samples a sequence refers to. The caller has decided that the sequence may be read, and so may they.</summary>
    internal async Task<IReadOnlyList<SampleLink>> OfSequenceAsync(
        long sequenceRow,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<SampleLink>(
                """
                SELECT a.id, a.proposal_id, a.name FROM sequence_sample l JOIN sample a ON a.row = l.sample_row
                WHERE l.sequence_row = @sequenceRow ORDER BY a.row
                """,
                new { sequenceRow }
            )
        ).AsList();
    }

    internal static Sample? Find(DbTransaction transaction, string id) =>
        transaction.Connection!.QuerySingleOrDefault<Sample>(
            $"SELECT {Columns} FROM sample a WHERE a.id = @id",
            new { id = id.Trim().ToUpperInvariant() },
            transaction
        );

    /// <summary>
    /// The ids of all samples that come from one named so (by id, or with the text in its name), over as many generations as the caller
    /// may see: what stands behind a sample that is hidden from them is not told.
    /// </summary>
    /// <param name="text"><c>*</c> stands for anything.</param>
    /// <exception cref="FaultException">Invalid where they are too many to ask for.</exception>
    internal async Task<IReadOnlyList<string>> DescendantsAsync(
        Principal principal,
        string text,
        CancellationToken cancellationToken
    )
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var parameters = new DynamicParameters();
        var condition = Condition(visible, parameters);
        var parts = text.Trim().Split('*');
        parameters.Add("id", string.Join('%', parts.Select(Literal)).ToUpperInvariant());
        parameters.Add("name", "%" + string.Join('%', parts.Select(Literal)) + "%");
        parameters.Add("most", MaxDescendants + 1);
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (
            await connection.QueryAsync<string>(
                $"""
                WITH RECURSIVE visible (row, id, name) AS (
                    SELECT a.row, a.id, a.name FROM sample a JOIN proposal p ON p.id = a.proposal_id WHERE {condition}
                ), down (row) AS (
                    SELECT l.sample_row FROM visible v JOIN sample_parent l ON l.parent_row = v.row
                    WHERE v.id LIKE @id ESCAPE '\' OR {database.Dialect.Contains("v.name", "@name")}
                    UNION
                    SELECT l.sample_row FROM down d JOIN visible v ON v.row = d.row JOIN sample_parent l ON l.parent_row = v.row
                )
                SELECT v.id FROM down d JOIN visible v ON v.row = d.row LIMIT @most
                """,
                parameters
            )
        ).AsList();
        return found.Count <= MaxDescendants
            ? found
            : throw Fault.Invalid(
                "too-many-samples",
                $"More than {MaxDescendants} samples come from '{text}'. Ask for one of them more closely.",
                ("sample", text)
            );
    }

    static string Literal(string text) => DialectSql.LikePattern(text)[1..^1];

    string Condition(Visible visible, DynamicParameters parameters)
    {
        if (visible.Everything)
            return "1 = 1";
        var ways = new List<string>
        {
            $"""
                EXISTS (SELECT 1 FROM sequence_sample v JOIN sequence s ON s.row = v.sequence_row
                    WHERE v.sample_row = a.row AND {visible.SequenceCondition(database.Dialect, parameters)})
                """,
        };
        Visible.Add(ways, database.Dialect, parameters, "a.proposal_id", "sampleProposals", visible.Proposals);
        Visible.Add(ways, database.Dialect, parameters, "p.beamline_id", "sampleBeamlines", visible.Beamlines);
        return "(" + string.Join(" OR ", ways) + ")";
    }
}
