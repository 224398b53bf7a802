using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;

namespace Harima.Samples;

/// <param name="Parents">Ids of what it was made from; null to leave them as they are.</param>
/// <param name="Version">The version that was looked at; null to change whatever is there.</param>
/// <param name="Id">For a new one, if it has an id already elsewhere; it is written in capitals. Null for one of ours.</param>
public sealed record PutSampleRequest(
    string Json,
    IReadOnlyList<string>? Parents = null,
    long? Version = null,
    string? Id = null
);

/// <summary>Describes samples of a proposal, for those who may add to it.</summary>
public sealed class PutSample(
    CatalogueWriter writer,
    SampleQueries queries,
    ProposalQueries proposals,
    Policy policy,
    Audit audit,
    TimeProvider time
)
{
    // Without letters that look like others.
    const string Letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
    const int MaxAncestors = 10_000;

    /// <exception cref="FaultException">NotFound for the proposal or a parent; Forbidden; Invalid; Conflict for an id that is in use.</exception>
    public async Task<Sample> CreateAsync(
        string proposalId,
        PutSampleRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var proposal = (await proposals.GetAsync(principal, proposalId, cancellationToken)).Proposal;
        await RequireAsync(principal, proposal, cancellationToken);
        var name = Sample.RequireDescription(request.Json);
        var parents = await ParentsAsync(principal, request.Parents ?? [], cancellationToken);
        var at = time.Now();
        var id = request.Id is null
            ? "SA" + RandomNumberGenerator.GetString(Letters, 10)
            : Sample.RequireId(request.Id);
        return await writer.WriteAsync(
            transaction =>
            {
                if (request.Id is not null && SampleQueries.Find(transaction, id) is not null)
                    throw Fault.Conflict(
                        "sample-exists",
                        $"The sample id '{id}' is in use. Leave it out to get another.",
                        ("sample", id)
                    );
                var row = transaction.Connection!.ExecuteScalar<long>(
                    """
                    INSERT INTO sample (id, proposal_id, name, json, version, created_at, created_by, changed_at, changed_by)
                    VALUES (@id, @ProposalId, @name, @Json, 1, @at, @Actor, @at, @Actor) RETURNING row
                    """,
                    new
                    {
                        id,
                        ProposalId = proposal.Id,
                        name,
                        request.Json,
                        at,
                        principal.Actor,
                    },
                    transaction
                );
                SetParents(transaction, row, parents);
                Remember(transaction, row, null, request.Json, at, principal);
                audit.Add(transaction, principal, "sample.created", proposal.Ref, new { sample = id });
                return SampleQueries.Find(transaction, id)!;
            },
            cancellationToken
        );
    }

    /// <exception cref="FaultException">NotFound; Forbidden; Invalid; Conflict where somebody else was faster.</exception>
    public async Task<Sample> ChangeAsync(
        string id,
        PutSampleRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await queries.GetAsync(principal, id, cancellationToken);
        var proposal = await OwnAsync(view, cancellationToken);
        await RequireAsync(principal, proposal, cancellationToken);
        var name = Sample.RequireDescription(request.Json);
        var parents = request.Parents is null
            ? null
            : await ParentsAsync(principal, request.Parents, cancellationToken);
        var at = time.Now();
        return await writer.WriteAsync(
            transaction =>
            {
                var before =
                    SampleQueries.Find(transaction, view.Sample.Id) ?? throw Fault.NotFound("Sample", view.Sample.Id);
                if (request.Version is { } seen && seen != before.Version)
                    throw Fault.Conflict(
                        "sample-changed",
                        $"Sample '{before.Id}' was changed by {before.ChangedBy} since you looked at it. Look again, then decide.",
                        ("sample", before.Id)
                    );
                if (parents is not null)
                    SetParents(transaction, before.Row, parents);
                transaction.Connection!.Execute(
                    """
                    UPDATE sample SET name = @name, json = @Json, version = version + 1, changed_at = @at, changed_by = @Actor
                    WHERE row = @Row
                    """,
                    new
                    {
                        before.Row,
                        name,
                        request.Json,
                        at,
                        principal.Actor,
                    },
                    transaction
                );
                if (before.Json != request.Json)
                    Remember(transaction, before.Row, before.Json, request.Json, at, principal);
                audit.Add(transaction, principal, "sample.changed", proposal.Ref, new { sample = before.Id });
                return SampleQueries.Find(transaction, before.Id)!;
            },
            cancellationToken
        );
    }

    /// <exception cref="FaultException">NotFound; Forbidden; Conflict while a sequence refers to it or another comes from it.</exception>
    public async Task DeleteAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        var view = await queries.GetAsync(principal, id, cancellationToken);
        var proposal = await OwnAsync(view, cancellationToken);
        await RequireAsync(principal, proposal, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var used = transaction.Connection!.ExecuteScalar<long>(
                    """
                    SELECT (SELECT COUNT(*) FROM sequence_sample WHERE sample_row = @Row)
                        + (SELECT COUNT(*) FROM sample_parent WHERE parent_row = @Row)
                    """,
                    new { view.Sample.Row },
                    transaction
                );
                if (used > 0)
                    throw Fault.Conflict(
                        "sample-in-use",
                        $"Sample '{view.Sample.Id}' is referred to by sequences, or other samples come from it. Remove those references first.",
                        ("sample", view.Sample.Id)
                    );
                foreach (
                    var sql in (string[])
                        ["sample_parent WHERE sample_row", "sample_change WHERE sample_row", "sample WHERE row"]
                )
                    transaction.Connection!.Execute($"DELETE FROM {sql} = @Row", new { view.Sample.Row }, transaction);
                audit.Add(transaction, principal, "sample.deleted", proposal.Ref, new { sample = view.Sample.Id });
            },
            cancellationToken
        );
    }

    async Task<Proposal> OwnAsync(SampleView view, CancellationToken cancellationToken) =>
        await proposals.FindAsync(view.Sample.ProposalId, cancellationToken)
        ?? throw Fault.NotFound("Sample", view.Sample.Id);

    async Task RequireAsync(Principal principal, Proposal proposal, CancellationToken cancellationToken)
    {
        if (await policy.RightOnAsync(principal, proposal.Chain, cancellationToken) < Right.Write)
            throw Fault.Forbidden(
                "no-samples",
                $"You may not describe samples of proposal {proposal.Id}. Ask its experiment leader to make you a member.",
                ("proposal", proposal.Id)
            );
    }

    async Task<List<Sample>> ParentsAsync(
        Principal principal,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken
    )
    {
        var parents = new List<Sample>();
        foreach (var id in ids.Distinct(StringComparer.OrdinalIgnoreCase))
            parents.Add((await queries.GetAsync(principal, id, cancellationToken)).Sample);
        return parents;
    }

    static void SetParents(DbTransaction transaction, long row, List<Sample> parents)
    {
        foreach (var parent in parents)
            if (parent.Row == row || Ancestors(transaction, parent.Row).Contains(row))
                throw Fault.Conflict(
                    "sample-circle",
                    $"'{parent.Id}' comes from this sample, so this sample cannot come from it.",
                    ("sample", parent.Id)
                );
        transaction.Connection!.Execute("DELETE FROM sample_parent WHERE sample_row = @row", new { row }, transaction);
        foreach (var parent in parents)
            transaction.Connection!.Execute(
                "INSERT INTO sample_parent (sample_row, parent_row) VALUES (@row, @Parent)",
                new { row, Parent = parent.Row },
                transaction
            );
    }

    static HashSet<long> Ancestors(DbTransaction transaction, long row)
    {
        var found = new HashSet<long>();
        var todo = new Queue<long>([row]);
        while (todo.TryDequeue(out var at) && found.Count < MaxAncestors)
            foreach (
                var parent in transaction.Connection!.Query<long>(
                    "SELECT parent_row FROM sample_parent WHERE sample_row = @at",
                    new { at },
                    transaction
                )
            )
                if (found.Add(parent))
                    todo.Enqueue(parent);
        return found;
    }

    static void Remember(
        DbTransaction transaction,
        long row,
        string? before,
        string after,
        DateTimeOffset at,
        Principal principal
    ) =>
        transaction.Connection!.Execute(
            "INSERT INTO sample_change (sample_row, before, after, at, actor) VALUES (@row, @before, @after, @at, @Actor)",
            new
            {
                row,
                before,
                after,
                at,
                principal.Actor,
            },
            transaction
        );
}
