using System.Buffers;
using System.Xml.Linq;
using Harima.S3.Errors;

namespace Harima.S3.Xml;

/// <summary>Body of CreateBucket.</summary>
/// <param name="LocationConstraint">The region asked for; null where none was.</param>
public sealed record CreateBucketConfiguration(string? LocationConstraint)
{
    const int MaxCharacters = 16 * 1024;

    /// <summary>Reads the body; an empty one asks for nothing.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static async Task<CreateBucketConfiguration> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0; )
        {
            if (text.Length + read > MaxCharacters)
                throw S3Errors.MalformedXML.Exception();
            text.Write(buffer, 0, read);
        }
        if (text.Length == 0)
            return new CreateBucketConfiguration((string?)null);
        text.Position = 0;
        var root = await S3XmlDocument
            .ReadAsync(text, "CreateBucketConfiguration", MaxCharacters, cancellationToken)
            .ConfigureAwait(false);
        return new CreateBucketConfiguration(root.Element("LocationConstraint")?.Value.Trim());
    }
}

/// <summary>Body of PutBucketTagging.</summary>
public static class BucketTags
{
    // S3's limits for the tags of a bucket.
    const int MaxTags = 50;
    const int MaxKeyCharacters = 128;
    const int MaxValueCharacters = 256;
    const int MaxCharacters = 128 * 1024;

    /// <summary>Reads the body.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidTag.</exception>
    public static async Task<Tagging> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var root = await S3XmlDocument
            .ReadAsync(body, "Tagging", MaxCharacters, cancellationToken)
            .ConfigureAwait(false);
        var tags = new List<KeyValuePair<string, string>>();
        foreach (var tag in root.Element("TagSet")?.Elements("Tag") ?? throw S3Errors.MalformedXML.Exception())
        {
            var key = tag.Element("Key")?.Value ?? throw S3Errors.MalformedXML.Exception();
            var value = tag.Element("Value")?.Value ?? throw S3Errors.MalformedXML.Exception();
            if (key.Length is 0 or > MaxKeyCharacters || value.Length > MaxValueCharacters)
                throw Invalid(
                    $"The tag '{key}' is longer than {MaxKeyCharacters} and {MaxValueCharacters} characters."
                );
            if (tags.Any(other => other.Key == key))
                throw Invalid("Cannot provide multiple Tags with the same key");
            tags.Add(new(key, value));
        }
        return tags.Count > MaxTags ? throw Invalid($"A bucket has at most {MaxTags} tags.") : new Tagging(tags);
    }

    static S3Exception Invalid(string message) => new S3Error("InvalidTag", 400, message).Exception();
}

/// <summary>Body of PutPublicAccessBlock and answer of GetPublicAccessBlock.</summary>
public sealed record PublicAccessBlockConfiguration(
    bool BlockPublicAcls,
    bool IgnorePublicAcls,
    bool BlockPublicPolicy,
    bool RestrictPublicBuckets
) : IS3Document
{
    /// <summary>Reads the body.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static async Task<PublicAccessBlockConfiguration> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var root = await S3XmlDocument
            .ReadAsync(body, "PublicAccessBlockConfiguration", 16 * 1024, cancellationToken)
            .ConfigureAwait(false);
        bool Read(string name) =>
            root.Element(name)?.Value.Trim().ToLowerInvariant() switch
            {
                null or "false" => false,
                "true" => true,
                _ => throw S3Errors.MalformedXML.Exception(),
            };
        return new PublicAccessBlockConfiguration(
            Read("BlockPublicAcls"),
            Read("IgnorePublicAcls"),
            Read("BlockPublicPolicy"),
            Read("RestrictPublicBuckets")
        );
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("PublicAccessBlockConfiguration"u8);
        xml.Element("BlockPublicAcls"u8, BlockPublicAcls);
        xml.Element("IgnorePublicAcls"u8, IgnorePublicAcls);
        xml.Element("BlockPublicPolicy"u8, BlockPublicPolicy);
        xml.Element("RestrictPublicBuckets"u8, RestrictPublicBuckets);
        xml.End("PublicAccessBlockConfiguration"u8);
    }
}

/// <summary>Body of PutBucketOwnershipControls and answer of GetBucketOwnershipControls.</summary>
/// <param name="ObjectOwnership">One of <see cref="Known"/>.</param>
public sealed record OwnershipControls(string ObjectOwnership) : IS3Document
{
    /// <summary>The values S3 knows.</summary>
    public static IReadOnlyList<string> Known { get; } =
    ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];

    /// <summary>Reads the body.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static async Task<OwnershipControls> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var root = await S3XmlDocument
            .ReadAsync(body, "OwnershipControls", 16 * 1024, cancellationToken)
            .ConfigureAwait(false);
        var rules = root.Elements("Rule").Select(rule => rule.Element("ObjectOwnership")?.Value.Trim()).ToArray();
        return rules is [{ } ownership] && Known.Contains(ownership)
            ? new OwnershipControls(ownership)
            : throw S3Errors.MalformedXML.Exception();
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("OwnershipControls"u8);
        xml.Start("Rule"u8);
        xml.Element("ObjectOwnership"u8, ObjectOwnership);
        xml.End("Rule"u8);
        xml.End("OwnershipControls"u8);
    }
}

/// <summary>Answer of GetBucketPolicyStatus.</summary>
public sealed record PolicyStatus(bool IsPublic) : IS3Document
{
    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("PolicyStatus"u8);
        xml.Element("IsPublic"u8, IsPublic);
        xml.End("PolicyStatus"u8);
    }
}

/// <summary>One line of an access control list.</summary>
/// <param name="Grantee">A user's id, or the address of a group.</param>
/// <param name="IsGroup">Whether it is a group.</param>
/// <param name="Permission"><c>READ</c>, <c>WRITE</c>, <c>READ_ACP</c>, <c>WRITE_ACP</c> or <c>FULL_CONTROL</c>.</param>
public sealed record AclGrant(string Grantee, bool IsGroup, string Permission)
{
    /// <summary>S3's name for everyone, logged in or not.</summary>
    public const string AllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";

    /// <summary>S3's name for everyone who has an account.</summary>
    public const string AuthenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

    /// <summary>The e-mail address of the grantee, where the list names them so; then <see cref="Grantee"/> is empty.</summary>
    public string? Email { get; init; }
}

/// <summary>Body of PutBucketAcl and PutObjectAcl, and answer of their Get.</summary>
public sealed record AccessControlPolicy(Owner Owner, IReadOnlyList<AclGrant> Grants) : IS3Document
{
    const int MaxGrants = 100;

    /// <summary>The permissions S3 knows.</summary>
    public static IReadOnlyList<string> Permissions { get; } =
    ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"];

    /// <summary>Reads the body.</summary>
    /// <exception cref="S3Exception">MalformedACLError.</exception>
    public static async Task<AccessControlPolicy> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var root = await S3XmlDocument
            .ReadAsync(body, "AccessControlPolicy", 128 * 1024, cancellationToken)
            .ConfigureAwait(false);
        var grants =
            root.Element("AccessControlList")?.Elements("Grant").Select(ReadGrant).ToArray() ?? throw Malformed();
        if (grants.Length > MaxGrants)
            throw Malformed();
        var owner = root.Element("Owner")?.Element("ID")?.Value ?? "";
        return new AccessControlPolicy(new Owner(owner, owner), grants);
    }

    static AclGrant ReadGrant(XElement grant)
    {
        var grantee = grant.Element("Grantee") ?? throw Malformed();
        var permission = grant.Element("Permission")?.Value.Trim();
        if (permission is null || !Permissions.Contains(permission))
            throw Malformed();
        if (grantee.Element("URI") is { } uri)
            return new AclGrant(uri.Value.Trim(), true, permission);
        if (grantee.Element("ID") is { } id)
            return new AclGrant(id.Value.Trim(), false, permission);
        return grantee.Element("EmailAddress") is { } email
            ? new AclGrant("", false, permission) { Email = email.Value.Trim() }
            : throw Malformed();
    }

    static S3Exception Malformed() =>
        new S3Error(
            "MalformedACLError",
            400,
            "The XML you provided was not well-formed or did not validate against our published schema."
        ).Exception();

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("AccessControlPolicy"u8);
        xml.Owner("Owner"u8, Owner);
        xml.Start("AccessControlList"u8);
        foreach (var grant in Grants)
        {
            xml.Start("Grant"u8);
            output.Write("<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\""u8);
            output.Write(grant.IsGroup ? "Group\">"u8 : "CanonicalUser\">"u8);
            if (grant.IsGroup)
            {
                xml.Element("URI"u8, grant.Grantee);
            }
            else
            {
                xml.Element("ID"u8, grant.Grantee);
                xml.Element("DisplayName"u8, grant.Grantee);
            }
            xml.End("Grantee"u8);
            xml.Element("Permission"u8, grant.Permission);
            xml.End("Grant"u8);
        }
        xml.End("AccessControlList"u8);
        xml.End("AccessControlPolicy"u8);
    }
}
