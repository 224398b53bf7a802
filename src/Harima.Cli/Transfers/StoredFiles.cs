using Harima.Rest;

namespace Harima.Cli.Transfers;

/// <summary>What the server holds at a place already, with checksums.</summary>
static class StoredFiles
{
    /// <returns>By key; null where there is no such sequence or workspace.</returns>
    public static async Task<Dictionary<string, FileDto>?> FindAsync(
        HarimaClient rest,
        Place place,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        if (place.Sequence.Length > 0)
        {
            var inSequence = prefix.Length > place.Sequence.Length ? prefix[(place.Sequence.Length + 1)..] : "";
            var files = rest.ListFilesAsync(place.Root, place.Sequence, inSequence, cancellationToken);
            if (await CollectAsync(files, cancellationToken) is { } found)
                return found;
        }
        return await CollectAsync(
            rest.ListWorkspaceFilesAsync(place.Bucket, prefix, cancellationToken),
            cancellationToken
        );
    }

    static async Task<Dictionary<string, FileDto>?> CollectAsync(
        IAsyncEnumerable<FileDto> files,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, FileDto>(StringComparer.Ordinal);
        try
        {
            await foreach (var file in files.WithCancellation(cancellationToken))
                found[file.Key] = file;
            return found;
        }
        catch (RefusedException refused) when (refused.Problem.Status == 404)
        {
            return null;
        }
    }
}
