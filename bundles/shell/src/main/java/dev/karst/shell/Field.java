package dev.karst.shell;

import dev.karst.rpc.RpcParameter;
import java.util.List;
import java.util.Locale;

/**
 * One thing that a command takes: a parameter, or a field of a parameter that is an object.
 *
 * @param option its name on the command line, without the dashes before it
 * @param path where it goes in the parameters
 * @param parameter its description
 */
record Field(String option, List<String> path, RpcParameter parameter) {
    static final String HELP = "help";
    static final String JSON = "json";
    static final String NO_FORMAT = "no-format";
    /** Options of every command. */
    static final List<String> COMMON = List.of(HELP, JSON, NO_FORMAT);

    /** Whether it is given by its place; fields of objects never are. */
    boolean isPositional() {
        return parameter.required() && path.size() == 1;
    }

    boolean isFlag() {
        return parameter.type() == RpcParameter.Type.BOOLEAN;
    }

    boolean isList() {
        return parameter.type() == RpcParameter.Type.LIST || parameter.type() == RpcParameter.Type.NUMBERS;
    }

    /** How help shows an argument. */
    String placeholder() {
        return option.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Dashes and underscores are the same to a person. */
    static String spelled(String name) {
        return name.replace('_', '-');
    }
}
