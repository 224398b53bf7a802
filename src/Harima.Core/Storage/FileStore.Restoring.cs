using Dapper;
using Harima.Catalogue;
using Microsoft.Extensions.Logging;

namespace Harima.Storage;

public sealed partial class FileStore
{
    // Some hundred megabytes of the catalogue at the very most; beyond that a file waits for its own sync.
    const int MostUnconfirmed = 20_000;

    /// <summary>Notes that a sync has failed: no mark goes until everything the catalogue holds has been written once more.</summary>
    internal void Mistrust() => _mistrusted = _notPlaced = true;

    volatile bool _mistrusted;

    /// <summary>
    /// Small files are not on disk for certain while their mark holds their bytes (ADR 190). Whatever a loss of power has left
    /// of them is put right here, before anything else is done with the marks.
    /// </summary>
    /// <param name="all">Whether also those whose bytes look right, because the system may have failed to write them out.</param>
    async Task RestoreAsync(Database database, bool all, CancellationToken cancellationToken)
    {
        List<BodyMark> marks;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            marks = (
                await connection.QueryAsync<BodyMark>(
                    """
                    SELECT u.bucket_id, u.key, u.blob, b.folder FROM unplaced u JOIN bucket b ON b.id = u.bucket_id
                    WHERE u.body IS NOT NULL
                    """
                )
            ).AsList();
        }
        var restored = 0;
        foreach (var mark in marks)
        {
            using var entered = await _locks.EnterAsync(mark.BucketId, mark.Key, cancellationToken);
            await using var connection = await database.OpenAsync(cancellationToken);
            var body = await connection.ExecuteScalarAsync<byte[]?>(
                "SELECT body FROM unplaced WHERE bucket_id = @BucketId AND key = @Key AND blob = @Blob",
                mark
            );
            // Nobody needs the bytes of a file that was overwritten or removed since.
            if (body is null || await FindByBlobAsync(connection, mark) is not { } file)
                continue;
            try
            {
                if (_tree!.Restore(mark.Folder, file, body, all))
                    restored++;
            }
            catch (IOException fault)
            {
                _notPlaced = true;
                LogNotPlaced(logger, fault, mark.Folder, mark.Key);
            }
        }
        if (restored > 0)
            LogRestored(logger, restored);
    }

    static async Task<DataFile?> FindByBlobAsync(System.Data.Common.DbConnection connection, BodyMark mark)
    {
        var current = await connection.QuerySingleOrDefaultAsync<DataFile>(
            $"SELECT {DataFiles.Columns} FROM data_file WHERE bucket_id = @BucketId AND key = @Key AND blob = @Blob",
            mark
        );
        if (current is not null)
            return current;
        var older = await connection.QuerySingleOrDefaultAsync<DataFile>(
            $"SELECT {DataFiles.Columns} FROM file_version WHERE blob = @Blob",
            mark
        );
        return older is null ? null : older with { IsNoncurrent = true };
    }

    [LoggerMessage(
        2007,
        LogLevel.Information,
        "{Count} small files were written again from the catalogue after a stop"
    )]
    static partial void LogRestored(ILogger logger, int count);

    sealed class BodyMark
    {
        public long BucketId { get; init; }
        public required string Key { get; init; }
        public required string Blob { get; init; }
        public required string Folder { get; init; }
    }
}
