using System.Globalization;
using System.Text.Json;
using Harima.S3.Errors;

namespace Harima.S3.Forms;

/// <summary>
/// The policy of a browser's upload: until when, and which fields with which values. Whoever signed it allows any form
/// that keeps to it.
/// </summary>
/// <remarks>Source: AWS, "Creating a POST Policy".</remarks>
public sealed class PostPolicy
{
    static readonly string[] DateFormats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    readonly IReadOnlyList<Condition> _conditions;

    PostPolicy(DateTimeOffset expiresAt, IReadOnlyList<Condition> conditions, long minBytes, long maxBytes)
    {
        ExpiresAt = expiresAt;
        _conditions = conditions;
        MinFileBytes = minBytes;
        MaxFileBytes = maxBytes;
    }

    enum Match
    {
        Equal,
        StartsWith,
    }

    /// <summary>The last moment it allows anything.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The file has at least this many bytes.</summary>
    public long MinFileBytes { get; }

    /// <summary>The file has at most this many bytes.</summary>
    public long MaxFileBytes { get; }

    /// <summary>Reads the value of the form's field <c>policy</c>.</summary>
    /// <param name="base64">Base64 of the JSON document.</param>
    /// <exception cref="S3Exception">InvalidPolicyDocument.</exception>
    public static PostPolicy Parse(string base64)
    {
        var json = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, json, out var length))
            throw Invalid("Invalid Policy: it is not base64.");
        try
        {
            using var document = JsonDocument.Parse(json.AsMemory(0, length), new JsonDocumentOptions { MaxDepth = 8 });
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string whose escapes are half a character.
            throw new S3Exception(S3Errors.InvalidPolicyDocument, "Invalid Policy: Invalid JSON.", exception);
        }
    }

    /// <summary>Checks a form against it.</summary>
    /// <param name="fields">The fields before the file by name, and <c>bucket</c>.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="S3Exception">AccessDenied: expired, a condition does not hold, or a field is not spoken of.</exception>
    public void Require(IReadOnlyDictionary<string, string> fields, DateTimeOffset now)
    {
        if (now > ExpiresAt)
            throw Denied("Policy expired.");
        var spokenOf = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var condition in _conditions)
        {
            spokenOf.Add(condition.Field);
            if (!condition.Holds(fields.GetValueOrDefault(condition.Field)))
                throw Denied($"Policy Condition failed: {condition}");
        }
        foreach (var field in fields.Keys)
        {
            if (!NeedsNoCondition(field) && !spokenOf.Contains(field))
                throw Denied($"Extra input fields: {field}");
        }
    }

    // What proves the policy cannot stand in it; a checksum only narrows what is accepted.
    static bool NeedsNoCondition(string field) =>
        field.StartsWith("x-ignore-", StringComparison.OrdinalIgnoreCase)
        || field.StartsWith("x-amz-checksum-", StringComparison.OrdinalIgnoreCase)
        || field.ToLowerInvariant()
            is "policy"
                or "signature"
                or "x-amz-signature"
                or "awsaccesskeyid"
                or "file"
                or "content-md5"
                or "x-amz-sdk-checksum-algorithm";

    static PostPolicy Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Invalid("Invalid Policy: Invalid JSON.");
        // Names of these two are case-sensitive.
        if (!root.TryGetProperty("expiration", out var expiration))
            throw Invalid("Invalid Policy: Policy missing expiration.");
        if (
            expiration.ValueKind != JsonValueKind.String
            || !DateTimeOffset.TryParseExact(
                expiration.GetString(),
                DateFormats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var expiresAt
            )
        )
            throw Invalid($"Invalid Policy: Invalid 'expiration' value: '{expiration}'");
        if (!root.TryGetProperty("conditions", out var list) || list.ValueKind != JsonValueKind.Array)
            throw Invalid("Invalid Policy: Policy missing conditions.");

        var conditions = new List<Condition>();
        var (min, max) = (0L, long.MaxValue);
        foreach (var element in list.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Object)
                conditions.Add(ReadObject(element));
            else if (TryReadRange(element, out var from, out var to))
                (min, max) = (Math.Max(min, from), Math.Min(max, to));
            else
                conditions.Add(ReadArray(element));
        }
        return new PostPolicy(expiresAt, conditions, min, max);
    }

    // {"bucket": "b"}
    static Condition ReadObject(JsonElement element)
    {
        using var properties = element.EnumerateObject();
        if (!properties.MoveNext())
            throw Invalid(
                "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property."
            );
        var property = properties.Current;
        if (properties.MoveNext() || property.Value.ValueKind != JsonValueKind.String)
            throw Invalid(
                "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property."
            );
        return new Condition(Match.Equal, property.Name, property.Value.GetString()!);
    }

    // ["eq", "$key", "value"]
    static Condition ReadArray(JsonElement element)
    {
        if (
            element.ValueKind != JsonValueKind.Array
            || element.GetArrayLength() != 3
            || element.EnumerateArray().Any(part => part.ValueKind != JsonValueKind.String)
        )
            throw Invalid("Invalid Policy: Invalid Condition: a condition has an operator, a field and a value.");
        var field = element[1].GetString()!;
        if (field.Length < 2 || field[0] != '$')
            throw Invalid($"Invalid Policy: Invalid Condition: '{field}' is no field; fields begin with '$'.");
        var match = element[0].GetString()!.ToLowerInvariant() switch
        {
            "eq" => Match.Equal,
            "starts-with" => Match.StartsWith,
            var other => throw Invalid($"Invalid Policy: Invalid Condition: unknown operation '{other}'."),
        };
        return new Condition(match, field[1..], element[2].GetString()!);
    }

    // ["content-length-range", 0, 1048576]
    static bool TryReadRange(JsonElement element, out long min, out long max)
    {
        (min, max) = (0, 0);
        if (
            element.ValueKind != JsonValueKind.Array
            || element.GetArrayLength() == 0
            || element[0].ValueKind != JsonValueKind.String
            || !string.Equals(element[0].GetString(), "content-length-range", StringComparison.OrdinalIgnoreCase)
        )
            return false;
        if (
            element.GetArrayLength() != 3
            || !TryReadNumber(element[1], out min)
            || !TryReadNumber(element[2], out max)
            || max < min
        )
            throw Invalid("Invalid Policy: Invalid content-length-range: it has a smallest and a largest size.");
        return true;
    }

    static bool TryReadNumber(JsonElement element, out long number)
    {
        number = 0;
        return element.ValueKind switch
        {
            JsonValueKind.Number => element.TryGetInt64(out number) && number >= 0,
            JsonValueKind.String => long.TryParse(
                element.GetString(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out number
            ),
            _ => false,
        };
    }

    static S3Exception Invalid(string message) => S3Errors.InvalidPolicyDocument.With(message);

    static S3Exception Denied(string why) => S3Errors.AccessDenied.With("Invalid according to Policy: " + why);

    sealed record Condition(Match Match, string Field, string Value)
    {
        // A dollar that is one may be written \$; clients that write it leave it in the field's value too.
        public bool Holds(string? value) => value is not null && (Holds(value, Value) || Holds(value, Unescaped));

        string Unescaped => Value.Replace("\\$", "$", StringComparison.Ordinal);

        public override string ToString() =>
            $"[\"{(Match == Match.Equal ? "eq" : "starts-with")}\", \"${Field}\", \"{Value}\"]";

        bool Holds(string value, string wanted)
        {
            if (Match == Match.Equal)
                return value == wanted;
            // A list of media types is allowed where each of them is.
            return Field.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && value.Contains(',')
                ? value.Split(',').All(type => type.Trim().StartsWith(wanted, StringComparison.Ordinal))
                : value.StartsWith(wanted, StringComparison.Ordinal);
        }
    }
}
