using System.Globalization;
using System.Net;
using Harima.S3.Errors;

namespace Harima.S3.Policies;

/// <summary>One line of a Condition block: operator, key, values.</summary>
/// <remarks>Source: IAM user guide, "IAM JSON policy elements: Condition operators".</remarks>
sealed class PolicyCondition
{
    // A key that is not here could never hold, and a Deny with it would silently not apply; so it is refused.
    static readonly string[] Keys =
    [
        "aws:currenttime",
        "aws:epochtime",
        "aws:referer",
        "aws:securetransport",
        "aws:sourceip",
        "aws:useragent",
        "aws:userid",
        "aws:username",
        "s3:authtype",
        "s3:delimiter",
        "s3:max-keys",
        "s3:prefix",
        "s3:signatureversion",
        "s3:versionid",
        "s3:x-amz-acl",
        "s3:x-amz-content-sha256",
        "s3:x-amz-copy-source",
        "s3:x-amz-grant-full-control",
        "s3:x-amz-grant-read",
        "s3:x-amz-grant-read-acp",
        "s3:x-amz-grant-write",
        "s3:x-amz-grant-write-acp",
        "s3:x-amz-metadata-directive",
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:x-amz-server-side-encryption-customer-algorithm",
        "s3:x-amz-storage-class",
    ];
    const string ExistingTag = "s3:existingobjecttag/";
    static readonly string[] KeyFamilies = [ExistingTag, "s3:requestobjecttag/"];

    static readonly Dictionary<string, Operator> Operators = new(StringComparer.OrdinalIgnoreCase)
    {
        ["StringEquals"] = new((wanted, actual) => wanted == actual),
        ["StringNotEquals"] = new((wanted, actual) => wanted == actual, Negated: true),
        ["StringEqualsIgnoreCase"] = new((wanted, actual) => wanted.Equals(actual, StringComparison.OrdinalIgnoreCase)),
        ["StringNotEqualsIgnoreCase"] = new(
            (wanted, actual) => wanted.Equals(actual, StringComparison.OrdinalIgnoreCase),
            Negated: true
        ),
        ["StringLike"] = new((wanted, actual) => Wildcard.Matches(wanted, actual)),
        ["StringNotLike"] = new((wanted, actual) => Wildcard.Matches(wanted, actual), Negated: true),
        ["ArnEquals"] = new((wanted, actual) => Wildcard.Matches(wanted, actual)),
        ["ArnNotEquals"] = new((wanted, actual) => Wildcard.Matches(wanted, actual), Negated: true),
        ["ArnLike"] = new((wanted, actual) => Wildcard.Matches(wanted, actual)),
        ["ArnNotLike"] = new((wanted, actual) => Wildcard.Matches(wanted, actual), Negated: true),
        ["Bool"] = new((wanted, actual) => wanted.Equals(actual, StringComparison.OrdinalIgnoreCase)),
        ["IpAddress"] = new(IsIn) { IsValue = value => TryNetwork(value, out _) },
        ["NotIpAddress"] = new(IsIn, Negated: true) { IsValue = value => TryNetwork(value, out _) },
        ["NumericEquals"] = Number((actual, wanted) => actual == wanted),
        ["NumericNotEquals"] = Number((actual, wanted) => actual == wanted) with { Negated = true },
        ["NumericLessThan"] = Number((actual, wanted) => actual < wanted),
        ["NumericLessThanEquals"] = Number((actual, wanted) => actual <= wanted),
        ["NumericGreaterThan"] = Number((actual, wanted) => actual > wanted),
        ["NumericGreaterThanEquals"] = Number((actual, wanted) => actual >= wanted),
        ["DateEquals"] = Date((actual, wanted) => actual == wanted),
        ["DateNotEquals"] = Date((actual, wanted) => actual == wanted) with { Negated = true },
        ["DateLessThan"] = Date((actual, wanted) => actual < wanted),
        ["DateLessThanEquals"] = Date((actual, wanted) => actual <= wanted),
        ["DateGreaterThan"] = Date((actual, wanted) => actual > wanted),
        ["DateGreaterThanEquals"] = Date((actual, wanted) => actual >= wanted),
    };

    readonly Operator? _operator;
    readonly string _key;
    readonly string[] _values;
    readonly bool _ifExists;

    PolicyCondition(Operator? @operator, string key, string[] values, bool ifExists)
    {
        _operator = @operator;
        _key = key;
        _values = values;
        _ifExists = ifExists;
    }

    /// <summary>True where the condition leaves only some callers, so that a grant to everyone under it is not public.</summary>
    public bool Narrows => _key is "aws:sourceip" or "aws:userid" or "aws:username";

    public bool AsksForTags => _key.StartsWith(ExistingTag, StringComparison.Ordinal);

    /// <exception cref="S3Exception">MalformedPolicy.</exception>
    public static PolicyCondition Parse(string name, string key, string[] values)
    {
        var ifExists = name.EndsWith("IfExists", StringComparison.Ordinal);
        var plain = ifExists ? name[..^"IfExists".Length] : name;
        var lower = key.ToLowerInvariant();
        if (!Keys.Contains(lower) && !KeyFamilies.Any(family => lower.StartsWith(family, StringComparison.Ordinal)))
            throw BucketPolicy.Malformed($"The condition key '{key}' is not offered here.");
        // The name of a tag keeps its case.
        var family = KeyFamilies.FirstOrDefault(family => lower.StartsWith(family, StringComparison.Ordinal));
        var known = family is null ? lower : family + key[family.Length..];
        if (plain == "Null" && !ifExists)
        {
            return values.All(value => value is "true" or "false")
                ? new PolicyCondition(null, known, values, false)
                : throw BucketPolicy.Malformed("Null takes true or false.");
        }
        if (!Operators.TryGetValue(plain, out var found))
            throw BucketPolicy.Malformed($"The condition operator '{name}' is not offered here.");
        if (values.FirstOrDefault(value => !found.IsValue(value)) is { } bad)
            throw BucketPolicy.Malformed($"'{bad}' is no value for {name}.");
        return new PolicyCondition(found, known, values, ifExists);
    }

    public bool Holds(PolicyRequest request)
    {
        var actual = request.Values(_key);
        if (_operator is null)
            return _values.Any(value => value == "true" == (actual.Count == 0));
        // IAM: a key that is missing fails a positive operator and satisfies a negated one.
        if (actual.Count == 0)
            return _ifExists || _operator.Negated;
        var matches = actual.Any(value => _values.Any(wanted => _operator.Matches(Fill(wanted, request), value)));
        return matches != _operator.Negated;
    }

    static string Fill(string value, PolicyRequest request) => BucketPolicy.Fill(value, request);

    static bool IsIn(string wanted, string actual) =>
        TryNetwork(wanted, out var network)
        && IPAddress.TryParse(actual, out var address)
        && Contains(network, address);

    static bool Contains(IPNetwork network, IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return network.Contains(plain);
    }

    static bool TryNetwork(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
            return false;
        var bits = address.GetAddressBytes().Length * 8;
        var length = bits;
        if (
            slash >= 0
            && (
                !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length)
                || length > bits
            )
        )
            return false;
        // AWS takes 203.0.113.7/24 for the network it lies in.
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bits; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        network = new IPNetwork(new IPAddress(bytes), length);
        return true;
    }

    static Operator Number(Func<decimal, decimal, bool> compare) =>
        new(
            (wanted, actual) =>
                TryNumber(wanted, out var right) && TryNumber(actual, out var left) && compare(left, right)
        )
        {
            IsValue = value => TryNumber(value, out _),
        };

    static bool TryNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    static Operator Date(Func<DateTimeOffset, DateTimeOffset, bool> compare) =>
        new((wanted, actual) => TryDate(wanted, out var right) && TryDate(actual, out var left) && compare(left, right))
        {
            IsValue = value => TryDate(value, out _),
        };

    static bool TryDate(string text, out DateTimeOffset date)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            date = DateTimeOffset.UnixEpoch.AddSeconds(Math.Min(seconds, 253_402_300_799));
            return true;
        }
        return DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out date
        );
    }

    /// <param name="Matches">Gets the policy's value and the request's.</param>
    sealed record Operator(Func<string, string, bool> Matches, bool Negated = false)
    {
        public Func<string, bool> IsValue { get; init; } = _ => true;
    }
}
