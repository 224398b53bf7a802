using System.Text.Json;
using Harima.S3.Errors;

namespace Harima.S3.Policies;

/// <summary>
/// A bucket policy, read strictly: what this code cannot evaluate is refused when the policy is put, so that no Deny ever silently
/// fails to apply.
/// </summary>
/// <remarks>Source: Amazon S3 user guide, "Policies and permissions"; IAM user guide, "Policy grammar".</remarks>
public sealed class BucketPolicy
{
    /// <summary>S3's limit.</summary>
    public const int MaxBytes = 20 * 1024;

    // Values a resource or a condition may name with ${...}.
    static readonly string[] Variables = ["aws:username", "aws:userid"];

    readonly Statement[] _statements;

    BucketPolicy(Statement[] statements) => _statements = statements;

    /// <summary>Whether a statement gives a right to everyone without a condition on who they are.</summary>
    public bool AllowsEveryone =>
        _statements.Any(statement =>
            statement is { Allows: true, Principals: null } && !statement.Conditions.Any(condition => condition.Narrows)
        );

    /// <summary>Whether any statement allows something.</summary>
    public bool HasAllow => _statements.Any(statement => statement.Allows);

    /// <summary>Whether a condition speaks of the tags of the object that is there, so that they must be looked up.</summary>
    public bool AsksForTags =>
        _statements.Any(statement => statement.Conditions.Any(condition => condition.AsksForTags));

    /// <summary>To whom (null: everyone) statements allow something, and which of S3's actions.</summary>
    public IEnumerable<(string? User, IReadOnlyList<string> Actions)> Allowed =>
        _statements
            .Where(statement => statement.Allows)
            .SelectMany(statement =>
                (statement.Principals ?? [null!]).Select(user =>
                    ((string?)user, (IReadOnlyList<string>)[.. PolicyActions.Known.Where(statement.Names)])
                )
            );

    /// <summary>Whether a statement denies this.</summary>
    public bool Denies(PolicyRequest request) =>
        _statements.Any(statement => !statement.Allows && statement.Applies(request));

    /// <summary>Whether a statement allows this. Whether another denies it is asked apart.</summary>
    public bool Allows(PolicyRequest request) =>
        _statements.Any(statement => statement.Allows && statement.Applies(request));

    /// <summary>Reads a policy.</summary>
    /// <param name="json">The document.</param>
    /// <exception cref="S3Exception">MalformedPolicy.</exception>
    public static BucketPolicy Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            return new BucketPolicy(ReadStatements(document.RootElement));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string whose escapes are half a character.
            throw new S3Exception(
                MalformedPolicy,
                "Policies must be valid JSON and the first byte must be '{'",
                exception
            );
        }
    }

    static readonly S3Error MalformedPolicy = new("MalformedPolicy", 400, "The policy is not well-formed.");

    internal static S3Exception Malformed(string message) => new(MalformedPolicy, message);

    internal static string Fill(string text, PolicyRequest request)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
            return text;
        foreach (var variable in Variables)
            text = text.Replace("${" + variable + "}", request.User ?? "", StringComparison.OrdinalIgnoreCase);
        return text;
    }

    static Statement[] ReadStatements(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Malformed("Policies must be valid JSON and the first byte must be '{'");
        JsonElement? statements = null;
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == "Statement")
                statements = property.Value;
            else if (
                property.Name is "Version"
                    ? property.Value.ToString() is not ("2012-10-17" or "2008-10-17")
                    : property.Name != "Id"
            )
                throw Malformed($"Unknown field or value: {property.Name}");
        }
        Statement[] read = statements switch
        {
            { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray().Select(Statement.Read)],
            { ValueKind: JsonValueKind.Object } one => [Statement.Read(one)],
            _ => throw Malformed("Missing required field Statement"),
        };
        return read.Length == 0 ? throw Malformed("Missing required field Statement") : read;
    }

    /// <param name="Principals">User ids; null for everyone.</param>
    sealed record Statement(
        bool Allows,
        IReadOnlyList<string>? Principals,
        bool AllButPrincipals,
        IReadOnlyList<string> Actions,
        bool AllButActions,
        IReadOnlyList<string> Resources,
        bool AllButResources,
        IReadOnlyList<PolicyCondition> Conditions
    )
    {
        public bool Applies(PolicyRequest request) =>
            (Principals is null || Principals.Contains(request.User ?? "") != AllButPrincipals)
            && Names(request.Action)
            && Resources.Any(resource => Wildcard.Matches(Fill(resource, request), request.Resource)) != AllButResources
            && Conditions.All(condition => condition.Holds(request));

        public bool Names(string action) =>
            Actions.Any(pattern => Wildcard.Matches(pattern, action, ignoreCase: true)) != AllButActions;

        public static Statement Read(JsonElement statement)
        {
            if (statement.ValueKind != JsonValueKind.Object)
                throw Malformed("A statement must be an object.");
            var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var property in statement.EnumerateObject())
            {
                if (!fields.TryAdd(property.Name, property.Value))
                    throw Malformed($"{property.Name} stands twice in a statement.");
            }
            bool? allows = Take(fields, "Effect")?.ToString() switch
            {
                "Allow" => true,
                "Deny" => false,
                _ => null,
            };
            var (principal, notPrincipal) = (Take(fields, "Principal"), Take(fields, "NotPrincipal"));
            var (action, notAction) = (Take(fields, "Action"), Take(fields, "NotAction"));
            var (resource, notResource) = (Take(fields, "Resource"), Take(fields, "NotResource"));
            var conditions = ReadConditions(Take(fields, "Condition")).ToArray();
            Take(fields, "Sid");
            if (fields.Keys.FirstOrDefault() is { } unknown)
                throw Malformed($"Unknown field {unknown}");
            if (allows is null)
                throw Malformed("Missing required field Effect, or it is neither Allow nor Deny");
            if (principal is null == notPrincipal is null)
                throw Malformed("Missing required field Principal");
            if (allows.Value && notPrincipal is not null)
                throw Malformed("Allow with NotPrincipal is not allowed.");
            return new Statement(
                allows.Value,
                ReadPrincipals((principal ?? notPrincipal)!.Value, isDeny: !allows.Value),
                notPrincipal is not null,
                ReadActions(One(action, notAction, "Action")),
                notAction is not null,
                ReadResources(One(resource, notResource, "Resource")),
                notResource is not null,
                conditions
            );
        }

        static JsonElement? Take(Dictionary<string, JsonElement> fields, string name) =>
            fields.Remove(name, out var value) ? value : null;

        static JsonElement One(JsonElement? plain, JsonElement? not, string name) =>
            plain is null == not is null ? throw Malformed($"Missing required field {name}") : (plain ?? not)!.Value;

        static string[] Strings(JsonElement value, string what) =>
            value.ValueKind switch
            {
                JsonValueKind.String => [value.GetString()!],
                JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number when what == "Condition" =>
                [
                    value.ToString().ToLowerInvariant(),
                ],
                JsonValueKind.Array when value.GetArrayLength() > 0 =>
                [
                    .. value
                        .EnumerateArray()
                        .SelectMany(each =>
                            each.ValueKind == JsonValueKind.Array
                                ? throw Malformed($"{what} is not a list of texts.")
                                : Strings(each, what)
                        ),
                ],
                _ => throw Malformed($"{what} is neither a text nor a list of texts."),
            };

        static string[]? ReadPrincipals(JsonElement value, bool isDeny)
        {
            if (value.ValueKind == JsonValueKind.String)
                return value.GetString() == "*" ? null : throw Malformed("Invalid principal in policy");
            if (value.ValueKind != JsonValueKind.Object)
                throw Malformed("Invalid principal in policy");
            var users = new List<string>();
            foreach (var kind in value.EnumerateObject())
            {
                if (kind.Name is not ("AWS" or "CanonicalUser"))
                    throw Malformed($"Invalid principal in policy: {kind.Name} is not offered here.");
                foreach (var principal in Strings(kind.Value, "Principal"))
                {
                    if (principal == "*")
                        return null;
                    users.Add(ReadUser(principal, isDeny));
                }
            }
            return users.Count == 0 ? throw Malformed("Invalid principal in policy") : [.. users];
        }

        // A user by id, or as AWS writes one: arn:aws:iam::<account>:user/<id>.
        static string ReadUser(string principal, bool isDeny)
        {
            if (!principal.StartsWith("arn:", StringComparison.Ordinal))
                return principal;
            var parts = principal.Split(':', 6);
            if (parts is not ["arn", "aws", "iam", "", _, { Length: > 0 } name])
                throw Malformed($"Invalid principal in policy: {principal}");
            if (name.StartsWith("user/", StringComparison.Ordinal) && name.Length > "user/".Length)
                return name["user/".Length..];
            // Accounts and roles are nobody here. To deny nobody would only look like protection.
            return isDeny ? throw Malformed($"Invalid principal in policy: nobody here is {principal}") : principal;
        }

        static string[] ReadActions(JsonElement value)
        {
            var actions = Strings(value, "Action");
            return actions.FirstOrDefault(action => !PolicyActions.AnyMatches(action)) is { } unknown
                ? throw Malformed($"Policy has invalid action: {unknown}")
                : actions;
        }

        static string[] ReadResources(JsonElement value)
        {
            const string Prefix = "arn:aws:s3:::";
            var resources = Strings(value, "Resource");
            foreach (var resource in resources)
            {
                if (
                    resource != "*"
                    && !(resource.StartsWith(Prefix, StringComparison.Ordinal) && resource.Length > Prefix.Length)
                )
                    throw Malformed($"Policy has invalid resource: {resource}");
                RequireKnownVariables(resource);
            }
            return resources;
        }

        static IEnumerable<PolicyCondition> ReadConditions(JsonElement? block)
        {
            if (block is not { } conditions)
                yield break;
            if (conditions.ValueKind != JsonValueKind.Object)
                throw Malformed("Condition must be an object.");
            foreach (var operation in conditions.EnumerateObject())
            {
                if (operation.Value.ValueKind != JsonValueKind.Object)
                    throw Malformed($"{operation.Name} must be an object.");
                foreach (var key in operation.Value.EnumerateObject())
                {
                    var values = Strings(key.Value, "Condition");
                    foreach (var each in values)
                        RequireKnownVariables(each);
                    yield return PolicyCondition.Parse(operation.Name, key.Name, values);
                }
            }
        }

        static void RequireKnownVariables(string text)
        {
            var plain = text;
            foreach (var variable in Variables)
                plain = plain.Replace("${" + variable + "}", "", StringComparison.OrdinalIgnoreCase);
            if (plain.Contains("${", StringComparison.Ordinal))
                throw Malformed($"'{text}' holds a policy variable that is not offered here.");
        }
    }
}
