using System.Data.Common;
using Dapper;

namespace Harima.Registration;

/// <summary>The rows of registrations, as the use cases change them inside their transactions.</summary>
static class RegistrationRows
{
    public const string Columns = """
        r.id, r.path, r.proposal_id, r.sequence_id, r.level, r.include_patterns, r.exclude_patterns, r.only_listed, r.excluded, r.state, r.reason, r.scan, r.position, r.files_found, r.bytes_found,
        r.files_added, r.files_changed, r.files_removed, r.files_kept, r.problems, r.requested_by, r.created_at, r.started_at, r.ended_at,
        (SELECT COUNT(*) FROM registration_sequence s WHERE s.registration_id = r.id) AS sequence_count
        """;

    public static RegisteredTree? Find(DbTransaction transaction, string id) =>
        transaction.Connection!.QuerySingleOrDefault<RegisteredTree>(
            $"SELECT {Columns} FROM registration r WHERE r.id = @id",
            new { id },
            transaction
        );

    /// <summary>One of the same folder as the same sequences.</summary>
    public static RegisteredTree? FindSame(
        DbTransaction transaction,
        string path,
        string proposalId,
        string? sequenceId,
        int level
    ) =>
        transaction.Connection!.QueryFirstOrDefault<RegisteredTree>(
            $"""
            SELECT {Columns} FROM registration r WHERE r.path = @path AND r.proposal_id = @proposalId AND r.level = @level
                AND (r.sequence_id = @sequenceId OR (r.sequence_id IS NULL AND @sequenceId IS NULL))
            """,
            new
            {
                path,
                proposalId,
                sequenceId,
                level,
            },
            transaction
        );

    public static string NewId() =>
        "R" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(5));

    /// <summary>From now on all files that the patterns take are its, not only those that were listed.</summary>
    public static void SetPatterns(DbTransaction transaction, string id, FilePatterns patterns) =>
        transaction.Connection!.Execute(
            "UPDATE registration SET include_patterns = @include, exclude_patterns = @exclude, only_listed = FALSE WHERE id = @id",
            new
            {
                id,
                include = patterns.IncludeText,
                exclude = patterns.ExcludeText,
            },
            transaction
        );

    public static void Insert(DbTransaction transaction, RegisteredTree registration) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO registration (id, path, proposal_id, sequence_id, level, include_patterns, exclude_patterns, only_listed, state,
                scan, requested_by, created_at, started_at)
            VALUES (@Id, @Path, @ProposalId, @SequenceId, @Level, @IncludePatterns, @ExcludePatterns, @OnlyListed, 'running',
                1, @RequestedBy, @CreatedAt, @StartedAt)
            """,
            new
            {
                registration.Id,
                registration.Path,
                registration.ProposalId,
                registration.SequenceId,
                registration.Level,
                registration.IncludePatterns,
                registration.ExcludePatterns,
                registration.OnlyListed,
                registration.RequestedBy,
                registration.CreatedAt,
                registration.StartedAt,
            },
            transaction
        );

    /// <summary>Begins a scan from the first path.</summary>
    public static void Begin(DbTransaction transaction, string id, DateTimeOffset now)
    {
        // Problems are told of the last scan; what has changed or gone somebody may want to know for longer.
        transaction.Connection!.Execute(
            "DELETE FROM registration_finding WHERE registration_id = @id AND kind NOT IN ('changed', 'removed')",
            new { id },
            transaction
        );
        transaction.Connection!.Execute(
            """
            UPDATE registration SET state = 'running', reason = NULL, scan = scan + 1, holder = NULL, position = NULL, files_found = 0,
                bytes_found = 0, files_added = 0, files_changed = 0, files_removed = 0, files_kept = 0, problems = 0, excluded = 0, started_at = @now,
                ended_at = NULL
            WHERE id = @id
            """,
            new { id, now },
            transaction
        );
    }

    /// <summary>Goes on where it was left.</summary>
    public static void Continue(DbTransaction transaction, string id) =>
        transaction.Connection!.Execute(
            "UPDATE registration SET state = 'running', reason = NULL, holder = NULL, ended_at = NULL WHERE id = @id",
            new { id },
            transaction
        );

    /// <summary>Lets the next scan have what people have removed or replaced in Harima: what is free of it is catalogued again.</summary>
    public static void BringBack(DbTransaction transaction, string id) =>
        transaction.Connection!.Execute(
            """
            DELETE FROM registered_replaced WHERE EXISTS (
                SELECT 1 FROM registration_sequence s JOIN registered_folder f ON f.id = s.folder_id
                WHERE s.registration_id = @id AND f.bucket_id = registered_replaced.bucket_id
                    AND substr(registered_replaced.key, 1, length(f.prefix)) = f.prefix)
            """,
            new { id },
            transaction
        );

    /// <summary>From running into another state, for whoever holds it; for anybody where no holder is named.</summary>
    /// <returns>Whether it was running.</returns>
    public static bool End(
        DbTransaction transaction,
        string id,
        RegistrationState state,
        string? reason,
        DateTimeOffset now,
        string? holder = null
    )
    {
        var ended = transaction.Connection!.Execute(
            """
            UPDATE registration SET state = @state, reason = @reason, holder = NULL, ended_at = @now
            WHERE id = @id AND state IN ('running', 'removing') AND (@holder IS NULL OR holder = @holder)
            """,
            new
            {
                id,
                state = state.ToString().ToLowerInvariant(),
                reason,
                now,
                holder,
            },
            transaction
        );
        // Broken off in the middle of a sequence: whoever looks at its size now shall see what is there.
        if (ended == 1)
            SettleSizes(transaction, id);
        return ended == 1;
    }

    /// <summary>Brings the sizes of its sequences up to date with what has been catalogued.</summary>
    static void SettleSizes(DbTransaction transaction, string id)
    {
        const string Pending = """
            FROM registration_sequence p JOIN registration r ON r.id = p.registration_id
            WHERE p.registration_id = @id AND (p.pending_files <> 0 OR p.pending_bytes <> 0)
                AND r.proposal_id = sequence.proposal_id AND p.sequence_id = sequence.id
            """;
        transaction.Connection!.Execute(
            $"""
            UPDATE sequence SET size_bytes = size_bytes + (SELECT SUM(p.pending_bytes) {Pending}),
                file_count = file_count + (SELECT SUM(p.pending_files) {Pending})
            WHERE row IN (
                SELECT s.row FROM registration_sequence p JOIN registration r ON r.id = p.registration_id
                JOIN sequence s ON s.proposal_id = r.proposal_id AND s.id = p.sequence_id
                WHERE p.registration_id = @id AND (p.pending_files <> 0 OR p.pending_bytes <> 0))
            """,
            new { id },
            transaction
        );
        transaction.Connection!.Execute(
            """
            UPDATE registration_sequence SET pending_files = 0, pending_bytes = 0
            WHERE registration_id = @id AND (pending_files <> 0 OR pending_bytes <> 0)
            """,
            new { id },
            transaction
        );
    }

    public static void AddFindings(DbTransaction transaction, string id, long scan, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
            transaction.Connection!.Execute(
                """
                INSERT INTO registration_finding (registration_id, scan, kind, path, size_bytes, etag, crc64_nvme)
                VALUES (@id, @scan, @kind, @Path, @SizeBytes, @ETag, @Crc64Nvme)
                """,
                new
                {
                    id,
                    scan,
                    kind = finding.Kind.ToString().ToLowerInvariant(),
                    finding.Path,
                    finding.SizeBytes,
                    finding.ETag,
                    finding.Crc64Nvme,
                },
                transaction
            );
    }
}
