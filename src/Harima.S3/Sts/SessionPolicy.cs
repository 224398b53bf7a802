using System.Text.Json;
using Harima.S3.Errors;

namespace Harima.S3.Sts;

/// <summary>
/// What a session policy narrows credentials to: keys of one bucket with one prefix, for reading, or for reading and
/// writing. Credentials can be limited to exactly that, so a policy that says anything else is refused: credentials wider
/// than their policy would be worse than none.
/// </summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What the keys begin with; empty for all.</param>
/// <param name="MayWrite">True for reading, writing and deleting; false for reading alone.</param>
/// <remarks>Source: AWS, "IAM JSON policy reference".</remarks>
public sealed record SessionPolicy(string Bucket, string Prefix, bool MayWrite)
{
    // AWS's limit for an inline session policy, in characters.
    const int MaxLength = 2048;
    const string Arn = "arn:aws:s3:::";
    const string Accepted =
        " A session policy allows s3:GetObject (and s3:ListBucket), for writing also s3:PutObject and s3:DeleteObject, or s3:*, "
        + "on arn:aws:s3:::<bucket>/<prefix>*, and nothing else.";

    static readonly string[] Writing = ["s3:PutObject", "s3:DeleteObject"];

    /// <summary>Reads a policy.</summary>
    /// <exception cref="S3Exception">MalformedPolicyDocument when it cannot be kept to exactly.</exception>
    public static SessionPolicy Parse(string json)
    {
        if (json.Length > MaxLength)
            throw Malformed($"The policy is longer than {MaxLength} characters.");
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new S3Exception(
                StsErrors.MalformedPolicyDocument,
                "The policy is not in the valid JSON format.",
                exception
            );
        }
    }

    static SessionPolicy Read(JsonElement root)
    {
        RequireOnly(root, "Version", "Id", "Statement");
        var statements = root.TryGetProperty("Statement", out var found) ? OneOrMany(found) : [];
        string? bucket = null;
        string? prefix = null;
        var objectActions = new List<string>();
        foreach (var statement in statements)
        {
            RequireOnly(statement, "Sid", "Effect", "Action", "Resource");
            if (!statement.TryGetProperty("Effect", out var effect) || effect.GetString() != "Allow")
                throw Malformed("Every statement must have the effect Allow.");
            var actions = Strings(statement, "Action");
            foreach (var resource in Strings(statement, "Resource"))
            {
                var (itsBucket, itsPrefix) = ReadResource(resource);
                if (bucket is not null && bucket != itsBucket)
                    throw Malformed("It names more than one bucket.");
                bucket = itsBucket;
                if (itsPrefix is null)
                {
                    // Of a bucket as such: lists are cut to the prefix anyway.
                    continue;
                }
                if (prefix is not null && prefix != itsPrefix)
                    throw Malformed("It names more than one prefix.");
                prefix = itsPrefix;
                objectActions.AddRange(actions);
            }
        }
        if (bucket is null || prefix is null)
            throw Malformed("It names no objects.");
        var mayRead = Allows(objectActions, "s3:GetObject");
        var writes = Writing.Count(action => Allows(objectActions, action));
        if (!mayRead || (writes != 0 && writes != Writing.Length))
            throw Malformed("Its actions are neither reading alone nor reading, writing and deleting.");
        return new SessionPolicy(bucket, prefix, writes > 0);
    }

    static (string Bucket, string? Prefix) ReadResource(string resource)
    {
        if (!resource.StartsWith(Arn, StringComparison.Ordinal))
            throw Malformed($"'{resource}' is no resource of S3.");
        var name = resource[Arn.Length..];
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? name : name[..slash];
        var prefix = slash < 0 ? null : name[(slash + 1)..];
        if (bucket.Length == 0 || bucket.AsSpan().ContainsAny('*', '?', '$'))
            throw Malformed($"'{resource}' names no single bucket.");
        if (prefix is null)
            return (bucket, null);
        if (!prefix.EndsWith('*') || prefix.AsSpan(0, prefix.Length - 1).ContainsAny('*', '?', '$'))
            throw Malformed($"'{resource}' must end in '*' and hold no other wildcard or variable.");
        return (bucket, prefix[..^1]);
    }

    static bool Allows(List<string> actions, string action) =>
        actions.Exists(pattern =>
            pattern.EndsWith('*')
                ? action.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase)
                : action.Equals(pattern, StringComparison.OrdinalIgnoreCase)
        );

    static IEnumerable<string> Strings(JsonElement statement, string name) =>
        statement.TryGetProperty(name, out var value)
            ? OneOrMany(value).Select(element => element.GetString() ?? throw Malformed($"{name} holds no text."))
            : throw Malformed($"A statement has no {name}.");

    static JsonElement[] OneOrMany(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [element];

    static void RequireOnly(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Contains(property.Name))
                throw Malformed($"'{property.Name}' cannot be kept to.");
        }
    }

    static S3Exception Malformed(string why) => StsErrors.MalformedPolicyDocument.With(why + Accepted);
}
