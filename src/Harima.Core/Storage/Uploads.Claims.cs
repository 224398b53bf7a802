using System.Data.Common;
using Dapper;

namespace Harima.Storage;

/// <summary>A part began to arrive in the shared file while that file was about to become the object.</summary>
sealed class PartArrivingException : Exception;

public sealed partial class Uploads
{
    const string Claims = "SELECT COUNT(*) FROM upload_part WHERE upload_id = @Id AND state = 'claimed'";

    async Task<bool> HasClaimsAsync(Upload upload, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(Claims, new { upload.Id }) > 0;
    }

    /// <summary>
    /// Inside the transaction that ends an upload: nobody may be writing into the file that becomes the object. Who begins after it
    /// finds no upload any more.
    /// </summary>
    /// <exception cref="PartArrivingException">Somebody is: assemble again, which then copies.</exception>
    internal static void RequireNobodyWrites(DbTransaction transaction, Upload upload, StagedBlob staged)
    {
        if (
            staged.Blob == upload.Blob
            && transaction.Connection!.ExecuteScalar<long>(Claims, new { upload.Id }, transaction) > 0
        )
            throw new PartArrivingException();
    }
}
