package dev.karst.reactor.core;

import java.lang.annotation.Annotation;

/** Settings as the container would make them. */
record TestSettings(String list, String policy, int micros) implements ReactorSettings {
    @Override
    public String[] processors() {
        return new String[] {list};
    }

    @Override
    public String idle_policy() {
        return policy;
    }

    @Override
    public int spin_micros() {
        return micros;
    }

    @Override
    public Class<? extends Annotation> annotationType() {
        return ReactorSettings.class;
    }
}
