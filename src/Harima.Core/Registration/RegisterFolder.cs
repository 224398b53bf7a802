using System.Diagnostics;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;

namespace Harima.Registration;

/// <param name="Path">Absolute path on the server.</param>
/// <param name="SequenceId">All of it is this sequence. Null with <paramref name="Level"/> 0: the sequence is called like the folder.</param>
/// <param name="Level">Each folder that many levels down is a sequence, called like it; 0 for all in one.</param>
/// <param name="Include">Which files are catalogued (<see cref="FilePatterns"/>); none for all.</param>
/// <param name="Exclude">Which files and folders are not.</param>
public sealed record RegisterRequest(
    string Path,
    string ProposalId,
    string? SequenceId = null,
    int Level = 0,
    IReadOnlyList<string>? Include = null,
    IReadOnlyList<string>? Exclude = null
);

/// <summary>What a sequence is before it is registered into.</summary>
public enum PreviewedState
{
    New,
    Open,

    /// <summary>Nothing can be added to it.</summary>
    Closed,
}

/// <param name="Folder">Below the registered folder; empty for itself.</param>
public sealed record PreviewedSequence(string SequenceId, string Folder, long Files, long Bytes, PreviewedState State);

/// <summary>What a registration would make.</summary>
/// <param name="Sequences">The first of them.</param>
/// <param name="Problems">The first of them.</param>
/// <param name="Excluded">Files that the patterns leave out, and folders that are not looked into.</param>
/// <param name="IsWhole">Whether all of the tree was looked at; the counts are of what was, otherwise.</param>
public sealed record RegistrationPreview(
    string Path,
    string ProposalId,
    IReadOnlyList<PreviewedSequence> Sequences,
    long SequenceCount,
    long Files,
    long Bytes,
    IReadOnlyList<Finding> Problems,
    long ProblemCount,
    long Excluded,
    bool IsWhole
);

/// <summary>Catalogues an existing tree where it lies, without copying a byte. Administrators may, and below its folders the staff of a beamline.</summary>
public sealed class RegisterFolder(
    RegistrationFolders folders,
    ProposalQueries proposals,
    RegistrationQueries queries,
    Database database,
    CatalogueWriter writer,
    Audit audit,
    TimeProvider time
)
{
    const int MostShown = 200;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Looks at the tree for some seconds and says what would be made of it. Changes nothing.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound for folder or proposal; Invalid.</exception>
    public async Task<RegistrationPreview> PreviewAsync(
        RegisterRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var wanted = await RequireAsync(request, principal, cancellationToken);
        using var folder = folders.Open(wanted.Path);
        // Not on a thread that answers requests: another's file system may take its time.
        return await Task.Run(() => PreviewAsync(wanted, folder, cancellationToken), cancellationToken);
    }

    async Task<RegistrationPreview> PreviewAsync(
        Wanted wanted,
        Microsoft.Win32.SafeHandles.SafeFileHandle folder,
        CancellationToken cancellationToken
    )
    {
        var sequences = new List<PreviewedSequence>();
        var problems = new List<Finding>();
        var (sequenceCount, files, bytes, problemCount, excluded) = (0L, 0L, 0L, 0L, 0L);
        var (current, currentFiles, currentBytes) = ((string?)null, 0L, 0L);
        var began = Stopwatch.GetTimestamp();
        var isWhole = true;
        using var walk = new FolderWalk(folder, null, IsSkipped);
        while (walk.Next() is { } walked)
        {
            if (wanted.Patterns.Excludes(walked))
                excluded++;
            else if (ScanFolder.FindingOf(walked, wanted.Layout) is { } problem)
            {
                problemCount++;
                if (problems.Count < MostShown)
                    problems.Add(problem);
            }
            else
            {
                var at = wanted.Layout.FolderOf(walked.Path)!;
                if (at != current)
                    await EndSequenceAsync();
                (current, files, bytes) = (at, files + 1, bytes + walked.Facts.SizeBytes);
                (currentFiles, currentBytes) = (currentFiles + 1, currentBytes + walked.Facts.SizeBytes);
            }
            cancellationToken.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(began) < Patience)
                continue;
            isWhole = false;
            break;
        }
        await EndSequenceAsync();
        return new RegistrationPreview(
            wanted.Path,
            wanted.Proposal.Id,
            sequences,
            sequenceCount,
            files,
            bytes,
            problems,
            problemCount,
            excluded,
            isWhole
        );

        bool IsSkipped(string folderPath)
        {
            if (!wanted.Patterns.Skips(folderPath))
                return false;
            excluded++;
            return true;
        }

        async Task EndSequenceAsync()
        {
            if (current is null)
                return;
            sequenceCount++;
            if (sequences.Count < MostShown)
            {
                var id = wanted.Layout.IdOf(current);
                var state = await StateOfAsync(wanted.Proposal.Id, id, cancellationToken);
                sequences.Add(new PreviewedSequence(id, current, currentFiles, currentBytes, state));
            }
            (currentFiles, currentBytes) = (0, 0);
        }
    }

    async Task<PreviewedState> StateOfAsync(string proposalId, string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string>(
            "SELECT state FROM sequence WHERE proposal_id = @proposalId AND id = @id",
            new { proposalId, id }
        ) switch
        {
            null => PreviewedState.New,
            "closed" => PreviewedState.Closed,
            _ => PreviewedState.Open,
        };
    }

    /// <summary>Begins to register; the work is done in the background and outlives a stop.</summary>
    /// <exception cref="FaultException">As for the preview; Conflict (<c>already-registered</c>) where the same exists.</exception>
    public async Task<RegisteredTree> HandleAsync(
        RegisterRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var wanted = await RequireAsync(request, principal, cancellationToken);
        var now = time.Now();
        var id = RegistrationRows.NewId();
        await writer.WriteAsync(
            transaction =>
            {
                var same = RegistrationRows
                    .FindSame(
                        transaction,
                        wanted.Path,
                        wanted.Proposal.Id,
                        wanted.Layout.SequenceId,
                        wanted.Layout.Level
                    )
                    ?.Id;
                if (same is not null)
                    throw Fault.Conflict(
                        "already-registered",
                        $"'{wanted.Path}' is registered so already, as {same}. To find what has changed, scan it again; to catalogue other files of it, change its patterns.",
                        ("path", wanted.Path),
                        ("id", same)
                    );
                RegistrationRows.Insert(
                    transaction,
                    new RegisteredTree
                    {
                        Id = id,
                        Path = wanted.Path,
                        ProposalId = wanted.Proposal.Id,
                        SequenceId = wanted.Layout.SequenceId,
                        Level = wanted.Layout.Level,
                        IncludePatterns = wanted.Patterns.IncludeText,
                        ExcludePatterns = wanted.Patterns.ExcludeText,
                        RequestedBy = principal.Actor,
                        CreatedAt = now,
                        StartedAt = now,
                    }
                );
                WorkQueue.Ask(transaction, ScanFolder.Queue, id, now, now);
                audit.Add(
                    transaction,
                    principal,
                    "registration.started",
                    wanted.Proposal.Ref,
                    new { id, path = wanted.Path }
                );
            },
            cancellationToken
        );
        return await queries.GetAsync(id, principal, cancellationToken);
    }

    sealed record Wanted(string Path, Proposal Proposal, SequenceLayout Layout, FilePatterns Patterns);

    async Task<Wanted> RequireAsync(RegisterRequest request, Principal principal, CancellationToken cancellationToken)
    {
        var scope = await folders.RequireAsync(principal, cancellationToken);
        var sequence = string.IsNullOrWhiteSpace(request.SequenceId) ? null : request.SequenceId.Trim();
        if (request.Level is < 0 or > SequenceLayout.MostLevels || (request.Level > 0 && sequence is not null))
            throw Fault.Invalid(
                "registration-level",
                $"Either all of the folder is one sequence, or each folder 1 to {SequenceLayout.MostLevels} levels down is one.",
                ("level", Fault.Number(request.Level))
            );
        if (sequence is not null)
            Sequence.RequireId(sequence);
        var patterns = FilePatterns.Parse(request.Include, request.Exclude);
        var proposal = (await proposals.GetAsync(principal, request.ProposalId, cancellationToken)).Proposal;
        var (folder, path) = folders.Require(request.Path, scope);
        folder.Dispose();
        if (!scope.Allows(path, proposal.BeamlineId))
            throw Fault.NotFound("Proposal", request.ProposalId);
        var layout = new SequenceLayout(
            request.Level > 0 ? null : sequence ?? SequenceLayout.IdFrom(System.IO.Path.GetFileName(path)),
            request.Level
        );
        return new Wanted(path, proposal, layout, patterns);
    }
}
