using System.Data.Common;
using System.Text;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;

namespace Harima.Registration;

/// <summary>Files of a list that lie where somebody may register them.</summary>
/// <param name="Folder">Absolute path.</param>
/// <param name="Files">By their path below it.</param>
sealed record ListedFiles(string Folder, IReadOnlyDictionary<string, EntryFacts> Files);

/// <summary>
/// Catalogues single files of a folder where they lie, as a client lists them: under the rules of any registration, and with a
/// registration that can be scanned again and removed as any other, but takes up no file that was not listed.
/// </summary>
public sealed class RegisterListed(RegistrationFolders folders, Database database, Audit audit, TimeProvider time)
{
    const int LongestKeyBytes = 1024;

    /// <summary>Looks for the files. Changes nothing.</summary>
    /// <returns>Null where the folder is none from which this person may register into this proposal.</returns>
    internal async Task<ListedFiles?> FindAsync(
        string folder,
        IEnumerable<string> files,
        SequenceView view,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var scope = await folders.ScopeOfAsync(principal, cancellationToken);
        if (scope.IsNothing || folders.PathOf(folder) is not { } path || !scope.Allows(path, view.Proposal.BeamlineId))
            return null;
        // Not on a thread that answers requests: another's file system may take its time.
        return await Task.Run(
            () => folders.IsThere(path) ? new ListedFiles(path, Look(path, files, view.Sequence.Id)) : null,
            cancellationToken
        );
    }

    Dictionary<string, EntryFacts> Look(string folder, IEnumerable<string> files, string sequenceId)
    {
        var found = new Dictionary<string, EntryFacts>(StringComparer.Ordinal);
        foreach (var file in files)
            if (
                Encoding.UTF8.GetByteCount(file) + sequenceId.Length + 1 <= LongestKeyBytes
                && folders.FindFile($"{folder}/{file}") is { } facts
            )
                found[file] = facts;
        return found;
    }

    /// <summary>Catalogues them, as part of a change. What the sequence has under their names stays.</summary>
    /// <returns>How many were new.</returns>
    /// <exception cref="FaultException">Closed; Conflict while the registration is being removed.</exception>
    internal long Add(DbTransaction transaction, ListedFiles listed, SequenceView view, Principal principal)
    {
        var (proposal, now) = (view.Proposal, time.Now());
        var sequence =
            SequenceRows.FindAlone(transaction, proposal.Id, view.Sequence.Id)
            ?? throw Fault.NotFound("Sequence", view.Sequence.Name);
        if (sequence.State == SequenceState.Closed)
            throw Fault.Closed(sequence.ProposalId, sequence.Id);
        var folder = RegisteredFolders.Take(transaction, proposal.BucketId, listed.Folder, sequence.Id + "/");
        var rows = new RegisteredRows(
            transaction,
            database.Dialect,
            folder,
            sequence.Row,
            Buckets.VersioningOf(transaction, proposal.BucketId),
            principal.Actor,
            now
        );
        var (files, bytes) = rows.Add([.. listed.Files.Select(file => new FoundOnDisk(file.Key, file.Value))]);
        if (files == 0)
            return 0;
        var id = Take(transaction, listed.Folder, sequence, principal, now);
        transaction.Connection!.Execute(
            """
            INSERT INTO registration_sequence (registration_id, folder_id, path, sequence_id, scan, pending_files, pending_bytes, added,
                changed, removed)
            SELECT r.id, @folderId, '', @SequenceId, r.scan, 0, 0, 0, 0, 0 FROM registration r WHERE r.id = @id
            ON CONFLICT (registration_id, folder_id) DO NOTHING
            """,
            new
            {
                id,
                folderId = folder.Id,
                SequenceId = sequence.Id,
            },
            transaction
        );
        transaction.Connection!.Execute(
            """
            UPDATE registration SET files_found = files_found + @files, bytes_found = bytes_found + @bytes,
                files_added = files_added + @files
            WHERE id = @id AND only_listed
            """,
            new
            {
                id,
                files,
                bytes,
            },
            transaction
        );
        SequenceRows.AddSize(transaction, sequence.Row, bytes, checked((int)files));
        audit.Add(
            transaction,
            principal,
            "files.registered",
            sequence.Ref,
            new
            {
                registration = id,
                added = files,
                changed = 0,
                removed = 0,
            }
        );
        WorkQueue.Ask(transaction, SumFiles.Queue, SumFiles.Subject, now, now);
        return files;
    }

    /// <summary>The registration of that folder as that sequence, made where there is none.</summary>
    string Take(DbTransaction transaction, string path, Sequence sequence, Principal principal, DateTimeOffset now)
    {
        if (RegistrationRows.FindSame(transaction, path, sequence.ProposalId, sequence.Id, 0) is { } same)
            return same.State == RegistrationState.Removing ? throw RescanFolder.IsRemoved(same.Id) : same.Id;
        var made = new RegisteredTree
        {
            Id = RegistrationRows.NewId(),
            Path = path,
            ProposalId = sequence.ProposalId,
            SequenceId = sequence.Id,
            OnlyListed = true,
            RequestedBy = principal.Actor,
            CreatedAt = now,
            StartedAt = now,
        };
        RegistrationRows.Insert(transaction, made);
        RegistrationRows.End(transaction, made.Id, RegistrationState.Done, null, now);
        audit.Add(
            transaction,
            principal,
            "registration.started",
            new ResourceRef(ResourceKind.Proposal, sequence.ProposalId),
            new { id = made.Id, path }
        );
        return made.Id;
    }
}
