using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Storage;

/// <summary>The names on the S3 surface and the folders behind them.</summary>
public sealed class Buckets(Database database)
{
    const string Columns = "id, name, kind, owner_ref, folder, created_at, versioning";

    /// <summary>By name in any case: people write the proposal id as it is printed.</summary>
    internal async Task<Bucket?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Bucket>(
            $"""
            SELECT {Columns},
                (SELECT document FROM bucket_setting WHERE bucket_id = bucket.id AND kind = 'policy') AS policy,
                (SELECT document FROM bucket_setting WHERE bucket_id = bucket.id AND kind = 'publicaccess') AS public_access,
                (SELECT document FROM bucket_setting WHERE bucket_id = bucket.id AND kind = 'ownership') AS ownership
            FROM bucket WHERE name = @name
            """,
            new { name = name.ToLowerInvariant() }
        );
    }

    internal static Versioning VersioningOf(DbTransaction transaction, long id) =>
        Enum.Parse<Versioning>(
            transaction.Connection!.ExecuteScalar<string>(
                "SELECT versioning FROM bucket WHERE id = @id",
                new { id },
                transaction
            )!,
            ignoreCase: true
        );

    internal static void SetVersioning(DbTransaction transaction, long id, Versioning versioning) =>
        transaction.Connection!.Execute(
            "UPDATE bucket SET versioning = @versioning WHERE id = @id",
            new { id, versioning = versioning.ToString().ToLowerInvariant() },
            transaction
        );

    internal async Task<IReadOnlyList<Bucket>> ListAsync(
        string condition,
        DynamicParameters parameters,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var buckets = await connection.QueryAsync<Bucket>(
            $"SELECT {Columns} FROM bucket b WHERE {condition} ORDER BY name",
            parameters
        );
        return buckets.AsList();
    }

    /// <exception cref="FaultException">Invalid for a name S3 does not allow; Conflict if it is taken.</exception>
    internal static long Create(
        DbTransaction transaction,
        BucketKind kind,
        string ownerRef,
        string folder,
        DateTimeOffset at
    )
    {
        var name = folder.ToLowerInvariant();
        if (!IsName(name))
            throw Fault.Invalid(
                "bucket-name",
                $"'{name}' cannot be a bucket: 3 to 63 lower-case letters, digits, '.' or '-', beginning and ending with a letter or digit, '.' and '-' not side by side, no address, none of the beginnings and endings S3 keeps for itself.",
                ("name", name)
            );
        var taken = transaction.Connection!.ExecuteScalar<long>(
            "SELECT COUNT(*) FROM bucket WHERE name = @name",
            new { name },
            transaction
        );
        if (taken > 0)
            throw Fault.Conflict("bucket-exists", $"The name '{name}' is taken. Choose another.", ("name", name));
        return transaction.Connection!.ExecuteScalar<long>(
            """
            INSERT INTO bucket (name, kind, owner_ref, folder, created_at)
            VALUES (@name, @kind, @ownerRef, @folder, @at) RETURNING id
            """,
            new
            {
                name,
                kind = kind.ToString().ToLowerInvariant(),
                ownerRef,
                folder,
                at,
            },
            transaction
        );
    }

    static bool IsName(string name) =>
        name.Length is >= 3 and <= 63
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
        && !name.Contains("..", StringComparison.Ordinal)
        && !name.Contains(".-", StringComparison.Ordinal)
        && !name.Contains("-.", StringComparison.Ordinal)
        && !name.StartsWith("xn--", StringComparison.Ordinal)
        && !name.StartsWith("sthree-", StringComparison.Ordinal)
        && !name.StartsWith("amzn-s3-demo-", StringComparison.Ordinal)
        && !name.EndsWith("-s3alias", StringComparison.Ordinal)
        && !name.EndsWith("--ol-s3", StringComparison.Ordinal)
        && !name.EndsWith("--x-s3", StringComparison.Ordinal)
        && !name.EndsWith(".mrap", StringComparison.Ordinal)
        // An address: four numbers and dots.
        && !(name.Count(c => c == '.') == 3 && name.All(c => c == '.' || char.IsAsciiDigit(c)));
}
