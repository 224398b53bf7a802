using System.Data.Common;
using System.Text.Json;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.S3.Checksums;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>What must hold for the file that is there now (ETags without quotes); checked in the same transaction.</summary>
/// <param name="IfMatch">It must exist with this ETag; <c>*</c> for any.</param>
/// <param name="IfNoneMatch">It must not exist with this ETag; <c>*</c> for none at all.</param>
public sealed record FileCondition(string? IfMatch = null, string? IfNoneMatch = null)
{
    public static readonly FileCondition None = new();

    /// <summary>For a removal: it must have been stored at this moment, to the second.</summary>
    public DateTimeOffset? IfModifiedAt { get; init; }

    /// <summary>For a removal: it must have this size.</summary>
    public long? IfSizeBytes { get; init; }

    /// <summary>As Ceph has it: removing what is not there succeeds whatever the condition, and changes nothing.</summary>
    /// <param name="now">The version, or the delete marker, that would be removed.</param>
    /// <returns>Whether there is something to remove.</returns>
    internal bool RequireForRemoval(DataFile? now)
    {
        if (now is null)
            return false;
        if (IfMatch is not null && IfMatch != "*" && (now.IsMarker || !now.HasETag(IfMatch)))
            throw Failed();
        if (IfModifiedAt is { } at && at.ToUnixTimeSeconds() != now.ModifiedAt.ToUnixTimeSeconds())
            throw Failed();
        if (IfSizeBytes is { } size && (now.IsMarker || size != now.SizeBytes))
            throw Failed();
        return !(now.IsMarker && IfMatch == "*");
    }

    internal void Require(DataFile? now, string key)
    {
        if (IfMatch is not null && now is null)
            throw Fault.NotFound("File", key);
        if (IfMatch is not null && IfMatch != "*" && !now!.HasETag(IfMatch))
            throw Failed();
        if (IfNoneMatch is not null && now is not null && (IfNoneMatch == "*" || now.HasETag(IfNoneMatch)))
            throw Failed();
    }

    static FaultException Failed() =>
        new(
            FaultCode.PreconditionFailed,
            "precondition-failed",
            "The file has changed, or exists already: the condition you set does not hold. Look at it again, then decide."
        );
}

/// <param name="Headers">Further headers to give back with the file, lower case; null for none.</param>
/// <param name="ForBucketOwner">Whether the bucket's owner is given full control of it.</param>
public sealed record AddFileRequest(
    string Bucket,
    string Key,
    string? ContentType = null,
    IReadOnlyDictionary<string, string>? Headers = null,
    BodyExpectation? Expected = null,
    FileCondition? Condition = null,
    IReadOnlyList<FileTag>? Tags = null,
    bool ForBucketOwner = false
);

/// <summary>Stores a file. A sequence id that does not exist yet becomes an open sequence of the caller.</summary>
public sealed class AddFile(FilePlaces places, FileStore files, ByteStore store, DataFiles rows, FileChange change)
{
    /// <exception cref="FaultException">
    /// NotFound, Forbidden, Invalid, Closed or PreconditionFailed before the body is read; Incomplete, ChecksumMismatch, TooLarge
    /// or StorageFull after. Then nothing has changed.
    /// </exception>
    public async Task<DataFile> HandleAsync(
        AddFileRequest request,
        Stream body,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (request.Tags is not null)
            TagFile.Require(request.Tags);
        var place = await places.ForWritingAsync(principal, request.Bucket, request.Key, cancellationToken);
        FileChange.RequireOpen(place);
        var condition = request.Condition ?? FileCondition.None;
        if (condition != FileCondition.None)
            condition.Require(await rows.FindAsync(place.Bucket.Id, place.Key, cancellationToken), place.Key);
        using var staged = await store.StageAsync(
            place.Bucket,
            place.Key,
            body,
            request.Expected ?? BodyExpectation.None,
            cancellationToken
        );
        return await files.PutAsync(
            place.Bucket,
            place.Key,
            staged,
            (transaction, before) =>
            {
                condition.Require(before, place.Key);
                return change.Put(
                    transaction,
                    place,
                    before,
                    staged,
                    new FileDescription(request.ContentType, request.Headers, request.Tags)
                    {
                        Owner = place.OwnerFor(principal, request.ForBucketOwner),
                    },
                    principal
                );
            },
            cancellationToken
        );
    }
}

/// <summary>What is kept with a file besides its bytes.</summary>
sealed record FileDescription(
    string? ContentType,
    IReadOnlyDictionary<string, string>? Headers,
    IReadOnlyList<FileTag>? Tags
)
{
    /// <summary>Who owns it; null for who stores it.</summary>
    public string? Owner { get; init; }
}

/// <summary>What every change of a file does inside its transaction, whichever way the bytes came.</summary>
public sealed class FileChange(Audit audit, TimeProvider time)
{
    /// <summary>Refuses early, before a body is read. The transaction asks again.</summary>
    internal static void RequireOpen(FilePlace place)
    {
        if (place.Closed)
            throw Fault.Closed(place.View.Proposal!.Id, place.SequenceId!);
    }

    internal DataFile Put(
        DbTransaction transaction,
        FilePlace place,
        DataFile? before,
        StagedBlob staged,
        FileDescription description,
        Principal principal
    )
    {
        var sequence = OpenedFor(transaction, place, principal);
        if (sequence is not null)
            SequenceRows.AddSize(
                transaction,
                sequence.Row,
                staged.SizeBytes - (before?.SizeBytes ?? 0),
                before is null ? 1 : 0
            );
        audit.Add(
            transaction,
            principal,
            before is null ? "file.added" : "file.replaced",
            place.AuditRef,
            new
            {
                key = place.Key,
                sizeBytes = staged.SizeBytes,
                etag = staged.ETag,
            }
        );
        return new DataFile
        {
            BucketId = place.Bucket.Id,
            Key = place.Key,
            SequenceRow = sequence?.Row,
            SizeBytes = staged.SizeBytes,
            ETag = staged.ETag,
            Crc32 = staged.Crc32,
            Crc64Nvme = staged.Crc64Nvme,
            ChecksumAlgorithm = staged.Chosen?.Algorithm.Name(),
            ChecksumValue = staged.Chosen?.Value,
            ChecksumType = staged.Chosen is null ? null : staged.ChosenType.ToString(),
            ContentType = description.ContentType,
            Headers = description.Headers is null or { Count: 0 }
                ? null
                : JsonSerializer.Serialize(description.Headers),
            PartSizes = staged.PartSizes is null ? null : JsonSerializer.Serialize(staged.PartSizes),
            PartChecksums = staged.PartChecksums is null ? null : JsonSerializer.Serialize(staged.PartChecksums),
            Tags = FileTag.Write(description.Tags),
            Owner = description.Owner ?? principal.Actor,
            ModifiedAt = staged.ModifiedAt,
        };
    }

    /// <summary>Refuses where the sequence is closed.</summary>
    internal static void RequireOpen(DbTransaction transaction, FilePlace place)
    {
        if (place.SequenceId is not null)
            RequireOpen(SequenceRows.Find(transaction, place.View.Proposal!.Id, place.SequenceId));
    }

    /// <summary>Writes what belongs to a removal: the size of the sequence, which counts current files, and the audit.</summary>
    internal void Removed(DbTransaction transaction, FilePlace place, Removal removal, Principal principal)
    {
        if (
            place.SequenceId is not null
            && SequenceRows.Find(transaction, place.View.Proposal!.Id, place.SequenceId) is { } sequence
        )
            SequenceRows.AddSize(
                transaction,
                sequence.Row,
                (removal.After?.SizeBytes ?? 0) - (removal.Before?.SizeBytes ?? 0),
                (removal.After is null ? 0 : 1) - (removal.Before is null ? 0 : 1)
            );
        if (removal is { Before: { } before, After: null })
            audit.Add(
                transaction,
                principal,
                "file.removed",
                place.AuditRef,
                new { key = place.Key, sizeBytes = before.SizeBytes }
            );
        else
            audit.Add(
                transaction,
                principal,
                removal.Added ? "file.removed" : "file.version-removed",
                place.AuditRef,
                new { key = place.Key, version = removal.Version }
            );
    }

    /// <summary>Writes the audit of new tags.</summary>
    internal void Tagged(DbTransaction transaction, FilePlace place, DataFile file, Principal principal) =>
        audit.Add(
            transaction,
            principal,
            "file.tagged",
            place.AuditRef,
            new { key = place.Key, version = file.Version }
        );

    Sequence? OpenedFor(DbTransaction transaction, FilePlace place, Principal principal)
    {
        if (place.SequenceId is null)
            return null;
        var sequence = SequenceRows.Find(transaction, place.View.Proposal!.Id, place.SequenceId);
        if (sequence is null)
        {
            sequence = SequenceRows.Insert(
                transaction,
                place.View.Proposal,
                place.SequenceId,
                principal.Actor,
                time.Now()
            );
            audit.Add(transaction, principal, "sequence.opened", sequence.Ref);
        }
        RequireOpen(sequence);
        return sequence;
    }

    static void RequireOpen(Sequence? sequence)
    {
        if (sequence?.State == SequenceState.Closed)
            throw Fault.Closed(sequence.ProposalId, sequence.Id);
    }
}
