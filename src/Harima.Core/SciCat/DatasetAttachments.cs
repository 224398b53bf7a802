using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harima.Access;
using Harima.Exchange;
using Harima.Faults;
using Harima.Identity;
using Harima.SciCat.Filters;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.SciCat;

/// <summary>
/// Pictures of a dataset. They are files under <c>attachments/</c> of the sequence, so that they are seen, copied and deleted like any
/// other; an image that came there over S3 is an attachment too.
/// </summary>
public sealed class DatasetAttachments(SequenceAccess access, FileQueries files, AddFile add, RemoveFile remove)
{
    const string Folder = "attachments/";
    const int MaxBytes = 2 << 20;
    const int MaxListed = 100;
    const long MaxListedBytes = 16 << 20;
    const int MaxCaption = 300;
    const string CaptionHeader = "x-amz-meta-scicat-caption";

    /// <summary>Of what was no image in base64, and is given back letter for letter.</summary>
    const string Verbatim = "text/plain; scicat=verbatim";
    const string Letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

    static readonly (string ContentType, string Extension)[] Kinds =
    [
        ("image/png", ".png"),
        ("image/jpeg", ".jpg"),
        ("image/jpg", ".jpg"),
        ("image/gif", ".gif"),
        ("image/webp", ".webp"),
        ("image/svg+xml", ".svg"),
        ("image/tiff", ".tif"),
        ("image/bmp", ".bmp"),
        (Verbatim, ".txt"),
    ];

    /// <exception cref="FaultException">NotFound where the dataset does not exist for the caller.</exception>
    public async Task<IReadOnlyList<JsonObject>> OfAsync(
        Principal principal,
        string pid,
        CancellationToken cancellationToken
    )
    {
        var id = DatasetId.Parse(pid);
        var view = await access.GetAsync(principal, id.ProposalId, id.SequenceId, cancellationToken);
        var listing = await files.ListAsync(
            principal,
            BucketOf(view),
            new ListRequest($"{view.Sequence.Id}/{Folder}", null, null, MaxListed),
            cancellationToken
        );
        var found = new List<JsonObject>();
        var bytes = 0L;
        foreach (var file in listing.Entries.Select(entry => entry.File!).Where(IsAttachment))
        {
            // One at least; the rest as far as one answer reaches. Each can be asked for by its id.
            bytes += file.SizeBytes;
            if (found.Count > 0 && bytes > MaxListedBytes)
                break;
            found.Add(await DocumentAsync(principal, view, file, cancellationToken));
        }
        return found;
    }

    /// <summary>Of the datasets that a filter names.</summary>
    /// <exception cref="FaultException">Invalid where it names none, or too many.</exception>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(
        Principal principal,
        SciCatFilter filter,
        CancellationToken cancellationToken
    )
    {
        if (filter.Where.TextsNamed("relationships.targetId", "datasetId") is not { Count: <= MaxListed } pids)
            throw SciCatFault.Filter(
                $"Name the datasets, {MaxListed} at most: {{\"where\": {{\"relationships.targetId\": \"2026A1234/S0042\"}}}}. Attachments are files of theirs."
            );
        var found = new List<JsonObject>();
        foreach (var pid in pids)
            try
            {
                found.AddRange(await OfAsync(principal, pid, cancellationToken));
            }
            catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
            {
                // It does not exist for this caller.
            }
        return [.. DocumentFilter.Apply(found, filter)];
    }

    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<JsonObject> GetAsync(Principal principal, string aid, CancellationToken cancellationToken)
    {
        var (view, key) = await PlaceAsync(principal, aid, Right.Read, cancellationToken);
        var file = await files.GetAsync(principal, BucketOf(view), key, cancellationToken);
        return IsAttachment(file)
            ? await DocumentAsync(principal, view, file, cancellationToken)
            : throw Fault.NotFound("Attachment", aid);
    }

    /// <summary>What is wrong with the body of an attachment; null for nothing.</summary>
    public static string? ProblemOf(JsonObject body)
    {
        if (body["caption"] is not null && DatasetFields.TextOf(body, "caption") is not { Length: <= MaxCaption })
            return $"caption must be a text of 1 to {MaxCaption} characters";
        if (body["caption"] is null && body["thumbnail"] is null)
            return "caption should not be empty";
        if (body["thumbnail"] is { } thumbnail && thumbnail.GetValueKind() != System.Text.Json.JsonValueKind.String)
            return "thumbnail must be a string";
        if (body["relationships"] is not (null or JsonArray))
            return "relationships must be a list of objects";
        foreach (var relation in body["relationships"] as JsonArray ?? [])
            if ((relation as JsonObject)?["targetType"]?.ToString() is not "dataset" || relation["targetId"] is null)
                return "relationships: an attachment belongs to a dataset here: targetType is dataset, and targetId its pid";
        return null;
    }

    /// <summary>The dataset an attachment of version 4 says it belongs to.</summary>
    /// <exception cref="FaultException">Invalid where it names none, or more than one.</exception>
    public static string DatasetOf(JsonObject body)
    {
        if (ProblemOf(body) is { } problem)
            throw SciCatFault.Body(problem);
        var targets = (body["relationships"] as JsonArray ?? [])
            .Select(relation => relation!["targetId"]!.ToString())
            .Append(DatasetFields.TextOf(body, "datasetId"))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return targets.Count == 1
            ? targets[0]
            : throw SciCatFault.Body("relationships must name one dataset: an attachment is a file of its sequence.");
    }

    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Invalid; TooLarge.</exception>
    public async Task<JsonObject> AddAsync(
        string pid,
        JsonObject body,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (ProblemOf(body) is { } problem)
            throw SciCatFault.Body(problem);
        var id = DatasetId.Parse(pid);
        var view = await access.RequireAsync(principal, id.ProposalId, id.SequenceId, Right.Write, cancellationToken);
        var (bytes, contentType) = ContentOf(DatasetFields.TextOf(body, "thumbnail") ?? "");
        var extension = Kinds.FirstOrDefault(kind => kind.ContentType == contentType).Extension ?? ".bin";
        var key = $"{view.Sequence.Id}/{Folder}AT{RandomNumberGenerator.GetString(Letters, 10)}{extension}";
        var caption = DatasetFields.TextOf(body, "caption") ?? "";
        var file = await StoreAsync(view, key, bytes, contentType, caption, principal, cancellationToken);
        return await DocumentAsync(principal, view, file, cancellationToken);
    }

    /// <summary>Changes caption or picture.</summary>
    public async Task<JsonObject> ChangeAsync(
        string aid,
        JsonObject body,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (ProblemOf(body) is { } problem && problem != "caption should not be empty")
            throw SciCatFault.Body(problem);
        var (view, key) = await PlaceAsync(principal, aid, Right.Write, cancellationToken);
        var before = await GetAsync(principal, aid, cancellationToken);
        var (bytes, contentType) = ContentOf(
            DatasetFields.TextOf(body, "thumbnail") ?? before["thumbnail"]!.ToString()
        );
        var caption = DatasetFields.TextOf(body, "caption") ?? before["caption"]!.ToString();
        var file = await StoreAsync(view, key, bytes, contentType, caption, principal, cancellationToken);
        return await DocumentAsync(principal, view, file, cancellationToken);
    }

    /// <returns>What it was.</returns>
    public async Task<JsonObject> RemoveAsync(string aid, Principal principal, CancellationToken cancellationToken)
    {
        var before = await GetAsync(principal, aid, cancellationToken);
        var (view, key) = await PlaceAsync(principal, aid, Right.Write, cancellationToken);
        await remove.HandleAsync(BucketOf(view), key, null, principal, cancellationToken);
        return before;
    }

    Task<DataFile> StoreAsync(
        SequenceView view,
        string key,
        byte[] bytes,
        string contentType,
        string caption,
        Principal principal,
        CancellationToken cancellationToken
    ) =>
        add.HandleAsync(
            new AddFileRequest(
                BucketOf(view),
                key,
                contentType,
                // Headers are ASCII.
                new Dictionary<string, string> { [CaptionHeader] = Uri.EscapeDataString(caption) }
            ),
            new MemoryStream(bytes),
            principal,
            cancellationToken
        );

    async Task<(SequenceView View, string Key)> PlaceAsync(
        Principal principal,
        string aid,
        Right needed,
        CancellationToken cancellationToken
    )
    {
        var parts = aid.Split('/', 3);
        if (
            parts.Length != 3
            || parts[2].Contains('/', StringComparison.Ordinal)
            || !DatasetId.TryParse($"{parts[0]}/{parts[1]}", out var id)
        )
            throw Fault.NotFound("Attachment", aid);
        var view = await access.RequireAsync(principal, id.ProposalId, id.SequenceId, needed, cancellationToken);
        return (view, $"{view.Sequence.Id}/{Folder}{parts[2]}");
    }

    static (byte[] Bytes, string ContentType) ContentOf(string thumbnail)
    {
        if (thumbnail.Length > MaxBytes * 4L / 3 + 200)
            throw new FaultException(
                FaultCode.TooLarge,
                "scicat-thumbnail-size",
                "A thumbnail has at most 2 MiB. Upload larger pictures as files over S3."
            );
        const string Base64 = ";base64,";
        var at = thumbnail.IndexOf(Base64, StringComparison.Ordinal);
        if (thumbnail.StartsWith("data:", StringComparison.Ordinal) && at > 5)
        {
            var (type, text) = (thumbnail[5..at], thumbnail[(at + Base64.Length)..]);
            var bytes = new byte[text.Length];
            // Only what comes back as the same text is stored as the picture it is.
            if (
                Kinds.Any(kind => kind.ContentType == type)
                && Convert.TryFromBase64String(text, bytes, out var length)
                && Convert.ToBase64String(bytes, 0, length) == text
            )
                return (bytes[..length], type);
        }
        return (Encoding.UTF8.GetBytes(thumbnail), Verbatim);
    }

    static bool IsAttachment(DataFile file) =>
        file.SizeBytes <= MaxBytes
        && (
            file.ReadHeaders().ContainsKey(CaptionHeader)
            || file.ContentType?.StartsWith("image/", StringComparison.Ordinal) == true
        );

    async Task<JsonObject> DocumentAsync(
        Principal principal,
        SequenceView view,
        DataFile file,
        CancellationToken cancellationToken
    )
    {
        using var opened = await files.OpenAsync(principal, BucketOf(view), file.Key, cancellationToken);
        var bytes = new byte[opened.File.SizeBytes];
        await using (var stream = opened.ReadAll())
            await stream.ReadExactlyAsync(bytes, cancellationToken);
        file = opened.File;
        var name = file.Key[(view.Sequence.Id.Length + 1 + Folder.Length)..];
        var aid = $"{view.Sequence.Name}/{name}";
        var at = SciCatFormat.TextOf(file.ModifiedAt);
        return new JsonObject
        {
            ["_id"] = aid,
            ["aid"] = aid,
            ["id"] = aid,
            ["caption"] = file.ReadHeaders().TryGetValue(CaptionHeader, out var caption)
                ? Uri.UnescapeDataString(caption)
                : name,
            ["thumbnail"] =
                file.ContentType == Verbatim
                    ? Encoding.UTF8.GetString(bytes)
                    : $"data:{file.ContentType};base64,{Convert.ToBase64String(bytes)}",
            ["datasetId"] = view.Sequence.Name,
            ["relationships"] = new JsonArray(
                new JsonObject
                {
                    ["targetId"] = view.Sequence.Name,
                    ["targetType"] = "dataset",
                    ["relationType"] = "is attached to",
                }
            ),
            ["ownerGroup"] = view.Sequence.ProposalId,
            ["accessGroups"] = new JsonArray(),
            ["isPublished"] = view.Visibility == Visibility.Everyone,
            ["createdAt"] = at,
            ["createdBy"] = file.Owner,
            ["updatedAt"] = at,
            ["updatedBy"] = file.Owner,
        };
    }

    static string BucketOf(SequenceView view) => view.Proposal.Id.ToLowerInvariant();
}
