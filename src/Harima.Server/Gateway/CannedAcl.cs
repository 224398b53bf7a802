using Harima.Access;
using Harima.BucketConfiguration;
using Harima.Identity;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.S3.Xml;

namespace Harima.Gateway;

/// <summary>
/// Access control lists, as far as they say what the portal can do: a right on a whole workspace for a person or for everyone.
/// </summary>
static class CannedAcl
{
    static readonly S3Error NotSupported = new(
        "AccessControlListNotSupported",
        400,
        "The bucket does not allow such ACLs: share the sequence or the workspace instead."
    );

    static readonly (string Header, string Permission)[] GrantHeaders =
    [
        ("x-amz-grant-full-control", "FULL_CONTROL"),
        ("x-amz-grant-read", "READ"),
        ("x-amz-grant-read-acp", "READ_ACP"),
        ("x-amz-grant-write", "WRITE"),
        ("x-amz-grant-write-acp", "WRITE_ACP"),
    ];

    public static S3Exception NotOffered() => NotSupported.Exception();

    /// <summary>What the header <c>x-amz-acl</c> gives everyone, and everyone with an account; null where it is not there.</summary>
    /// <exception cref="S3Exception">AccessControlListNotSupported, InvalidArgument.</exception>
    public static (Right Everyone, Right Accounts)? ReadEveryone(HeaderLookup header) =>
        header("x-amz-acl") switch
        {
            null or "" => null,
            "private" or "bucket-owner-full-control" or "bucket-owner-read" => (Right.None, Right.None),
            "public-read" => (Right.Read, Right.None),
            "public-read-write" => (Right.Write, Right.None),
            "authenticated-read" => (Right.None, Right.Read),
            "aws-exec-read" or "log-delivery-write" => throw NotSupported.Exception(),
            _ => throw S3Errors.InvalidArgument.Exception(),
        };

    /// <summary>
    /// Looks at the ACL an object is to be stored with: <c>private</c> says what is so, and <c>public-read</c> is taken where everyone
    /// may read the object anyway.
    /// </summary>
    /// <exception cref="S3Exception">AccessControlListNotSupported, InvalidArgument.</exception>
    public static Task RequireForObjectAsync(
        S3Request request,
        ShareBucket share,
        CancellationToken cancellationToken
    ) =>
        RequireForObjectAsync(request.Header, request.Bucket, request.Key, request.Principal, share, cancellationToken);

    /// <summary>The same, from wherever the header stands: in a request, or as a field of a form.</summary>
    public static async Task RequireForObjectAsync(
        HeaderLookup header,
        string bucket,
        string key,
        Principal principal,
        ShareBucket share,
        CancellationToken cancellationToken
    )
    {
        var grants = ReadGrantHeaders(header);
        var canned = header("x-amz-acl");
        // The owner of the bucket has full control of whatever lies in it, so it may be said of any object.
        if (grants.Count == 0 && canned is null or "" or "bucket-owner-full-control")
            return;
        var isPublic =
            canned is "aws-exec-read" || ReadEveryone(header) is (Right.Read or Right.Write, _) or (_, Right.Read);
        await share.RequireObjectAclAsync(bucket, key, isPublic, principal, cancellationToken);
        if (grants.Any(grant => grant.IsGroup || grant.Grantee != principal.UserId))
            throw NotSupported.Exception();
    }

    /// <summary>Whether the bucket's owner is given full control of what is stored.</summary>
    public static bool IsForBucketOwner(HeaderLookup header) => header("x-amz-acl") == "bucket-owner-full-control";

    /// <summary>The grants in headers: <c>x-amz-grant-read: id="a", uri="..."</c>.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static IReadOnlyList<AclGrant> ReadGrantHeaders(HeaderLookup headers)
    {
        var grants = new List<AclGrant>();
        foreach (var (header, permission) in GrantHeaders)
        {
            if (headers(header) is not { Length: > 0 } value)
                continue;
            foreach (var grantee in value.Split(',', StringSplitOptions.TrimEntries))
            {
                var equals = grantee.IndexOf('=', StringComparison.Ordinal);
                var name = equals < 0 ? "" : grantee[(equals + 1)..].Trim().Trim('"');
                grants.Add(
                    (equals < 0 ? "" : grantee[..equals].Trim().ToLowerInvariant()) switch
                    {
                        "id" => new AclGrant(name, false, permission),
                        "uri" => new AclGrant(name, true, permission),
                        "emailaddress" => new AclGrant("", false, permission) { Email = name },
                        _ => throw S3Errors.InvalidArgument.With("Argument format not recognized"),
                    }
                );
            }
        }
        return grants;
    }

    /// <summary>The rights a list of grants comes to, by user id, and what everyone gets, and everyone with an account.</summary>
    /// <exception cref="S3Exception">AccessControlListNotSupported where a right of the portal says more or less than the grant.</exception>
    public static (Dictionary<string, Right> Shares, Right Everyone, Right Accounts) ToRights(
        IEnumerable<AclGrant> grants,
        string owner
    )
    {
        var shares = new Dictionary<string, Right>(StringComparer.Ordinal);
        var (everyone, accounts) = (Right.None, Right.None);
        foreach (var each in grants.GroupBy(grant => (grant.IsGroup, grant.Grantee)))
        {
            var permissions = each.Select(grant => grant.Permission).ToHashSet(StringComparer.Ordinal);
            if (!each.Key.IsGroup && each.Key.Grantee == owner)
                continue;
            var right =
                ToRight(permissions)
                ?? throw NotSupported.With("Of READ, READ with WRITE, and FULL_CONTROL, the ACL names none.");
            if (!each.Key.IsGroup)
                shares[each.Key.Grantee] = right;
            else if (each.Key.Grantee == AclGrant.AllUsers && right < Right.Manage)
                everyone = right;
            else if (each.Key.Grantee == AclGrant.AuthenticatedUsers && right < Right.Manage)
                accounts = right;
            else
                throw NotSupported.With($"Sharing with the group {each.Key.Grantee} is not offered here.");
        }
        return (shares, everyone, accounts);
    }

    static Right? ToRight(HashSet<string> permissions)
    {
        if (permissions.Contains("FULL_CONTROL"))
            return Right.Manage;
        var (read, write) = (permissions.Contains("READ"), permissions.Contains("WRITE"));
        var (readAcp, writeAcp) = (permissions.Contains("READ_ACP"), permissions.Contains("WRITE_ACP"));
        return (read, write, readAcp, writeAcp) switch
        {
            (true, true, true, true) => Right.Manage,
            (true, true, false, false) => Right.Write,
            (true, false, false, false) => Right.Read,
            _ => null,
        };
    }

    /// <summary>The list as S3 writes it.</summary>
    public static AccessControlPolicy Describe(BucketAccess access)
    {
        // The order means nothing; Ceph has groups first, and tools were seen to count on it.
        var grants = new List<AclGrant>();
        void Add(string grantee, bool isGroup, Right right) =>
            grants.AddRange(PermissionsOf(right).Select(permission => new AclGrant(grantee, isGroup, permission)));

        Add(AclGrant.AllUsers, true, access.Everyone);
        Add(AclGrant.AuthenticatedUsers, true, access.Accounts);
        Add(access.Owner, false, Right.Manage);
        foreach (var (user, right) in access.Shares.OrderBy(share => share.Key, StringComparer.Ordinal))
            Add(user, false, right);
        return new AccessControlPolicy(new Owner(access.Owner, access.Owner), grants);
    }

    static string[] PermissionsOf(Right right) =>
        right switch
        {
            Right.Manage => ["FULL_CONTROL"],
            Right.Write => ["READ", "WRITE"],
            Right.Read => ["READ"],
            _ => [],
        };
}
