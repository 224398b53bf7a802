using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;
using Harima.Storage;
using Harima.Workspaces;

namespace Harima.Sequences;

/// <summary>A bucket as one caller may use it.</summary>
/// <param name="Proposal">Set for a proposal's bucket.</param>
/// <param name="MyRight">Held on the proposal or workspace as a whole; None where only some sequences are visible.</param>
public sealed record BucketView(Bucket Bucket, Proposal? Proposal, Workspace? Workspace, Right MyRight)
{
    /// <summary>What the policy of the bucket gives, as far as its statements go.</summary>
    internal Right ByPolicy { get; init; }

    /// <summary>Whose bucket it is: a person, or the proposal itself.</summary>
    public string Owner => Workspace?.Owner ?? Bucket.OwnerRef;
}

/// <summary>A key as one caller may use it.</summary>
/// <param name="SequenceId">The first segment of the key in a proposal's bucket; null in a workspace.</param>
/// <param name="Closed">The sequence exists and is closed.</param>
public sealed record FilePlace(BucketView View, string Key, string? SequenceId, Right MyRight, bool Closed)
{
    /// <summary>What the policy of the bucket gives, as far as its statements go.</summary>
    internal Right ByPolicy { get; init; }

    internal Bucket Bucket => View.Bucket;

    /// <summary>Who owns what the caller stores here.</summary>
    /// <param name="forBucketOwner">Whether they give the bucket's owner full control of it (S3: <c>bucket-owner-full-control</c>).</param>
    internal string OwnerFor(Principal principal, bool forBucketOwner) =>
        forBucketOwner && Bucket.OwnerPreferred ? View.Owner : principal.Actor;

    internal ResourceRef AuditRef =>
        SequenceId is null
            ? View.Workspace!.Ref
            : new(ResourceKind.Sequence, Sequence.NameOf(View.Proposal!.Id, SequenceId));
}

/// <summary>
/// From names on the S3 surface to proposals, sequences and workspaces, with the caller's right: asked once, before anything
/// else, by every use case about files.
/// </summary>
public sealed class FilePlaces(
    Database database,
    AccessGeneration access,
    Buckets buckets,
    ProposalQueries proposals,
    WorkspaceQueries workspaces,
    Policy policy,
    DataFiles rows,
    FileVersions versions
)
{
    readonly AccessCache<(Principal Who, string Bucket), BucketView> _buckets = new(20_000);
    readonly AccessCache<(Principal Who, string Bucket, string Sequence), Held> _held = new(50_000);

    /// <exception cref="FaultException">NotFound where the bucket does not exist for the caller.</exception>
    public async Task<BucketView> GetBucketAsync(Principal principal, string name, CancellationToken cancellationToken)
    {
        var view = await RememberedAsync(
            principal.AsOf ?? await access.NowAsync(cancellationToken),
            principal,
            name,
            cancellationToken
        );
        BucketRules.RequireForBucket(principal, view);
        return view;
    }

    async ValueTask<BucketView> RememberedAsync(
        long generation,
        Principal principal,
        string name,
        CancellationToken cancellationToken
    )
    {
        var key = (principal.Deciding, name);
        if (_buckets.Find(generation, key) is { } known)
            return known;
        var view = await LookUpAsync(principal, name, cancellationToken);
        _buckets.Add(generation, key, view);
        return view;
    }

    /// <summary>As the catalogue says it, whatever is remembered.</summary>
    internal async Task<BucketView> LookUpAsync(Principal principal, string name, CancellationToken cancellationToken)
    {
        var bucket = await buckets.FindAsync(name, cancellationToken);
        if (bucket is null || principal.Limit?.Reaches(bucket.Name) == false)
        {
            await AskAboutNothingAsync(principal, name, cancellationToken);
            throw NoSuchBucket(name);
        }
        // Bucket and owner are two reads: the owner may have gone in between.
        if (bucket.Kind == BucketKind.Workspace)
        {
            var workspace = await workspaces.FindAsync(bucket.OwnerRef, cancellationToken) ?? throw NoSuchBucket(name);
            var (given, byPolicy) = await policy.HeldAsync(
                principal,
                workspace.Chain,
                bucket.CountsEveryone,
                cancellationToken
            );
            return given < Right.Read && byPolicy < Right.Read
                ? throw NoSuchBucket(name)
                : new BucketView(bucket, null, workspace, given) { ByPolicy = byPolicy };
        }
        var proposal = await proposals.FindAsync(bucket.OwnerRef, cancellationToken) ?? throw NoSuchBucket(name);
        var right = await policy.RightOnAsync(principal, proposal.Chain, cancellationToken);
        var view = new BucketView(bucket, proposal, null, right);
        if (
            right < Right.Read
            && (await VisibleSequencesAsync(principal, proposal.Id, 1, cancellationToken)).Count == 0
        )
            throw NoSuchBucket(name);
        return view;
    }

    /// <summary>
    /// The questions that are asked about a bucket that is hidden: without them, how long a refusal takes would tell that there is one.
    /// </summary>
    async Task AskAboutNothingAsync(Principal principal, string name, CancellationToken cancellationToken)
    {
        if (!CreateWorkspace.LooksLikeAProposal(name))
        {
            await workspaces.FindAsync(name, cancellationToken);
            await policy.HeldAsync(principal, [new(ResourceKind.Workspace, name)], true, cancellationToken);
            return;
        }
        await proposals.FindAsync(name, cancellationToken);
        ResourceRef[] chain =
        [
            new(ResourceKind.Proposal, name),
            new(ResourceKind.Beamline, name),
            ResourceRef.Facility,
        ];
        await policy.RightOnAsync(principal, chain, cancellationToken);
        await VisibleSequencesAsync(principal, name, 1, cancellationToken);
    }

    /// <summary>Every bucket the caller may see, by name.</summary>
    public async Task<IReadOnlyList<Bucket>> ListBucketsAsync(Principal principal, CancellationToken cancellationToken)
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var parameters = new DynamicParameters();
        var ways = new List<string>
        {
            $"EXISTS (SELECT 1 FROM sequence s WHERE b.kind = 'proposal' AND s.proposal_id = b.owner_ref AND {visible.SequenceCondition(database.Dialect, parameters)})",
        };
        if (visible.Everything)
            ways.Add("b.kind = 'proposal'");
        if (visible.Beamlines.Count > 0)
        {
            parameters.Add("bucketBeamlines", visible.Beamlines.ToArray());
            ways.Add(
                "(b.kind = 'proposal' AND EXISTS (SELECT 1 FROM proposal p WHERE p.id = b.owner_ref AND p.beamline_id IN @bucketBeamlines))".ForDapper(
                    database.Dialect,
                    "bucketBeamlines"
                )
            );
        }
        Visible.Add(
            ways,
            database.Dialect,
            parameters,
            "b.kind = 'proposal' AND b.owner_ref",
            "bucketProposals",
            visible.Proposals
        );
        Visible.Add(
            ways,
            database.Dialect,
            parameters,
            "b.kind = 'workspace' AND b.owner_ref",
            "bucketWorkspaces",
            visible.Workspaces
        );
        var found = await buckets.ListAsync(
            string.Join(" OR ", ways.Select(way => $"({way})")),
            parameters,
            cancellationToken
        );
        return [.. found.Where(bucket => principal.Limit?.Reaches(bucket.Name) != false)];
    }

    /// <summary>A key that is to be read.</summary>
    /// <param name="version">Null for the current one.</param>
    /// <exception cref="FaultException">NotFound where bucket or file does not exist for the caller.</exception>
    internal async Task<FilePlace> ForReadingAsync(
        Principal principal,
        string bucket,
        string key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        var place = await ForAnyAsync(principal, bucket, key, cancellationToken);
        if (place.MyRight < Right.Read && place.ByPolicy < Right.Read)
            throw Fault.OutOfReach("File", key);
        const string Action = "s3:GetObject";
        var tags = await TagsAsync(place, version, cancellationToken);
        if (place.MyRight < Right.Read && !BucketRules.Gives(principal, place.View, key, Action, tags))
            throw await NotGivenAsync(principal, place, cancellationToken);
        BucketRules.Require(principal, place.View, key, Action, tags);
        return place;
    }

    /// <summary>
    /// Asks again with the tags of what was found: between the first look and this one the file may have become another.
    /// </summary>
    internal static void RequireFound(Principal principal, FilePlace place, DataFile file)
    {
        if (place.Bucket.ReadPolicy() is not { AsksForTags: true })
            return;
        var tags = file.ReadTags();
        if (place.MyRight < Right.Read && !BucketRules.Gives(principal, place.View, file.Key, "s3:GetObject", tags))
            throw BucketRules.NotGiven(place.View);
        BucketRules.Require(principal, place.View, file.Key, "s3:GetObject", tags);
    }

    /// <summary>Whether the caller, who may list the bucket, may also read this file of it.</summary>
    internal static bool MayRead(Principal principal, BucketView view, DataFile file) =>
        BucketRules.MayRead(principal, view, file);

    // Who may list a key by its name may know whether it is there; everyone else gets one answer for both.
    async Task<FaultException> NotGivenAsync(
        Principal principal,
        FilePlace place,
        CancellationToken cancellationToken
    ) =>
        BucketRules.GivesListing(principal, place.View, place.Key)
        && await rows.FindAsync(place.Bucket.Id, place.Key, cancellationToken) is null
            ? Fault.NotFound("File", place.Key)
            : BucketRules.NotGiven(place.View);

    /// <summary>The tags of what is there, where the bucket's policy asks for them.</summary>
    async ValueTask<IReadOnlyList<FileTag>> TagsAsync(
        FilePlace place,
        string? version,
        CancellationToken cancellationToken
    )
    {
        if (place.Bucket.ReadPolicy() is not { AsksForTags: true })
            return [];
        var file = await rows.FindAsync(place.Bucket.Id, place.Key, cancellationToken);
        if (version is not null && file?.Version != version)
            file = await versions.FindAsync(place.Bucket.Id, place.Key, version, cancellationToken);
        return file?.ReadTags() ?? [];
    }

    /// <summary>A key that is to be written or removed.</summary>
    /// <param name="action">What is to be done, where the request does not say it.</param>
    /// <param name="version">The version it is done to; null for the current one.</param>
    /// <exception cref="FaultException">NotFound where the bucket does not exist for the caller; Forbidden; Invalid for a key that cannot be.</exception>
    internal async Task<FilePlace> ForWritingAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken,
        string action = "s3:PutObject",
        string? version = null
    )
    {
        RequireKey(key);
        var place = await ForAnyAsync(principal, bucket, key, cancellationToken);
        // The same answer whether or not a sequence of that name exists: somebody who may not read it must not learn that.
        var tags = await TagsAsync(place, version, cancellationToken);
        if (
            place.MyRight < Right.Write
            && !(place.ByPolicy >= Right.Write && BucketRules.Gives(principal, place.View, key, action, tags))
        )
            throw Fault.Forbidden(
                "no-write",
                $"You may not write '{key}' in '{bucket}'. Ask the experiment leader for the right to write."
            );
        BucketRules.Require(principal, place.View, key, action, tags);
        if (place.View.Proposal is not null)
        {
            if (place.SequenceId is null)
                throw Fault.Invalid(
                    "key-without-sequence",
                    $"'{key}' names no sequence. In a proposal's bucket the first folder is the sequence: put it as '<sequence>/{key}', such as 'S0042/{key}'.",
                    ("key", key)
                );
            Sequence.RequireId(place.SequenceId);
        }
        return place;
    }

    /// <summary>Whether everyone, logged in or not, may read this key.</summary>
    internal async Task<bool> IsOpenToEveryoneAsync(string bucket, string key, CancellationToken cancellationToken)
    {
        try
        {
            return (await ForAnyAsync(Principal.Anonymous, bucket, key, cancellationToken)).MyRight >= Right.Read;
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Which key prefixes of a bucket the caller may list; null for all of it.</summary>
    internal async Task<IReadOnlyList<string>?> AllowedPrefixesAsync(
        Principal principal,
        BucketView view,
        CancellationToken cancellationToken
    )
    {
        var limit = string.IsNullOrEmpty(principal.Limit?.Prefix) ? null : principal.Limit.Prefix;
        if (view.MyRight >= Right.Read || view.Workspace is not null)
            return limit is null ? null : [limit];
        var sequences = await VisibleSequencesAsync(principal, view.Proposal!.Id, int.MaxValue, cancellationToken);
        return limit is null
            ? [.. sequences.Select(id => id + "/")]
            :
            [
                .. sequences
                    .Select(id => id + "/")
                    .Select(prefix =>
                        limit.StartsWith(prefix, StringComparison.Ordinal) ? limit
                        : prefix.StartsWith(limit, StringComparison.Ordinal) ? prefix
                        : null
                    )
                    .OfType<string>(),
            ];
    }

    /// <summary>A key with whatever right the caller has on it.</summary>
    /// <exception cref="FaultException">NotFound where the bucket does not exist for the caller.</exception>
    internal async Task<FilePlace> ForAnyAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken
    )
    {
        var generation = principal.AsOf ?? await access.NowAsync(cancellationToken);
        var view = await RememberedAsync(generation, principal, bucket, cancellationToken);
        if (view.Proposal is null || SequenceIn(key) is not { } sequence)
            return PlaceOf(principal, view, key, null);
        var remembered = (principal.Deciding, bucket, sequence);
        var held = _held.Find(generation, remembered);
        if (held is null)
        {
            held = await LookUpHeldAsync(principal, view.Proposal, sequence, cancellationToken);
            _held.Add(generation, remembered, held);
        }
        return PlaceOf(principal, view, key, held);
    }

    /// <summary>As the catalogue says it, whatever is remembered.</summary>
    internal async Task<FilePlace> LookUpAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken
    )
    {
        var view = await LookUpAsync(principal, bucket, cancellationToken);
        return view.Proposal is not null && SequenceIn(key) is { } sequence
            ? PlaceOf(
                principal,
                view,
                key,
                await LookUpHeldAsync(principal, view.Proposal, sequence, cancellationToken)
            )
            : PlaceOf(principal, view, key, null);
    }

    async Task<Held> LookUpHeldAsync(
        Principal principal,
        Proposal proposal,
        string sequence,
        CancellationToken cancellationToken
    )
    {
        var on = new ResourceRef(ResourceKind.Sequence, Sequence.NameOf(proposal.Id, sequence));
        var right = await policy.RightOnAsync(principal, [on, .. proposal.Chain], cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var state = await connection.QuerySingleOrDefaultAsync<string>(
            "SELECT state FROM sequence WHERE proposal_id = @Id AND id = @sequence",
            new { proposal.Id, sequence }
        );
        return new Held(sequence, right, state == "closed");
    }

    static FilePlace PlaceOf(Principal principal, BucketView view, string key, Held? held)
    {
        var right = held?.Right ?? view.MyRight;
        var reached = principal.Limit?.Reaches(view.Bucket.Name, key) != false;
        return new FilePlace(view, key, held?.Sequence, reached ? right : Right.None, held?.Closed == true)
        {
            ByPolicy = reached ? view.ByPolicy : Right.None,
        };
    }

    static string? SequenceIn(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? null : key[..slash];
    }

    async Task<IReadOnlyList<string>> VisibleSequencesAsync(
        Principal principal,
        string proposalId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var parameters = new DynamicParameters();
        parameters.Add("proposalId", proposalId);
        parameters.Add("limit", limit);
        await using var connection = await database.OpenAsync(cancellationToken);
        var ids = await connection.QueryAsync<string>(
            $"""
            SELECT s.id FROM sequence s
            WHERE s.proposal_id = @proposalId AND {visible.SequenceCondition(database.Dialect, parameters)}
            ORDER BY s.id LIMIT @limit
            """,
            parameters
        );
        return ids.AsList();
    }

    static void RequireKey(string key)
    {
        const int LongestKeyBytes = 1024;
        if (key.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(key) > LongestKeyBytes)
            throw Fault.Invalid("key-length", "A key has 1 to 1024 bytes of UTF-8. Shorten the folder or file names.");
        if (key.Contains('\0', StringComparison.Ordinal) || !IsUnicode(key))
            throw Fault.Invalid("key-characters", "A key is Unicode text without the NUL character. Rename the file.");
    }

    /// <summary>Half a surrogate pair has no UTF-8 form.</summary>
    static bool IsUnicode(string key)
    {
        for (var i = 0; i < key.Length; i++)
        {
            if (!char.IsSurrogate(key[i]))
                continue;
            if (i + 1 == key.Length || !char.IsSurrogatePair(key[i], key[i + 1]))
                return false;
            i++;
        }
        return true;
    }

    /// <summary>What is held on a sequence, which need not exist yet.</summary>
    sealed record Held(string Sequence, Right Right, bool Closed);

    static FaultException NoSuchBucket(string name) => Fault.OutOfReach("Bucket", name);
}
